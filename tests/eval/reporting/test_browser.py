"""The page in a real browser, opened from disk: it finds, sorts, folds, links, and runs nothing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.eval.reporting.stage import a_hostile_store, data_in, report
from tests.growing import grow

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FOUND = next((path for name in NAMES if (path := shutil.which(name))), None)
QUIET = (
    "--headless", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip

pytestmark = pytest.mark.skipif(
    FOUND is None, reason="no Chromium on this machine; apt-get install chromium"
)


@pytest.fixture(scope="module")
def browser(made: Path) -> Iterator[Any]:
    # After the report is made: within playwright an event loop runs, in which none can be grown.
    # Chromium's own sandbox refuses root, which tests run as in containers.
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=FOUND, args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, grown_store: Path) -> Path:
    """A report of three runs: a plain one, one with forks, a hostile one."""
    folder = tmp_path_factory.mktemp("report")
    forks = grow(folder / "forks.db", "--expand", "all", "--max-branches", "2", limit=2, turns=3)
    assert report(folder / "report.html", grown_store, forks, a_hostile_store(folder)) == 0
    return folder / "report.html"


class Opened:
    """The page in a tab, with what went wrong in it."""

    def __init__(self, tab: Any, made: Path) -> None:
        self.tab = tab
        self.made = made
        self.data = data_in(made)
        self.troubles: list[str] = []
        tab.on("console", lambda said: self.troubles.append(f"{said.type}: {said.text}"))
        tab.on("pageerror", lambda error: self.troubles.append(str(error)))
        tab.on("dialog", lambda dialog: self.troubles.append("dialog"))
        tab.on("request", self._requested)

    def _requested(self, request: Any) -> None:
        if request.url.partition("#")[0] not in (self.made.as_uri(), "data:,"):
            self.troubles.append(f"request: {request.url}")

    def go(self, place: str = "") -> "Opened":
        self.tab.goto(f"{self.made.as_uri()}{place}")
        return self

    def tree(self, run: int = 0, at: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = [tree for tree in self.data["trees"] if tree["run"] == run][at]
        return found

    def link(self, tree: dict[str, Any], key: str = "") -> str:
        name = self.data["runs"][tree["run"]]["name"].replace("/", "%2F")
        return f"#tree/{name}/{tree['key'][:10]}" + (f"/{key[:8]}" if key else "")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)

    def find(self, selector: str) -> Any:
        return self.tab.locator(selector)

    def listed(self) -> list[str]:
        found: list[str] = self.find("#list .top code").all_text_contents()
        return found

    def focused(self) -> str:
        found: str = self.tab.evaluate("document.activeElement.dataset.node || ''")
        return found


@pytest.fixture
def opened(browser: Any, made: Path) -> Iterator[Opened]:
    context = browser.new_context(color_scheme="light")
    page = Opened(context.new_page(), made)
    page.tab.set_default_timeout(5000)
    yield page
    assert page.troubles == []
    assert page.tab.title() == "Grove report"
    context.close()


def test_it_opens_on_the_figures(opened: Opened) -> None:
    opened.go()
    assert opened.find("#report").is_visible()
    assert opened.find(".part h2").first.text_content() == "Runs"
    assert opened.find("svg polyline").count() >= 2


def test_the_list_is_searched_sorted_and_filtered(opened: Opened) -> None:
    opened.go("#dialogues")
    assert len(opened.listed()) == len(opened.data["trees"])
    opened.find("#filters [name=order]").select_option("lowest")
    lows = {tree["key"][:10]: tree.get("lowest", 99) for tree in opened.data["trees"]}
    shown = [lows[key] for key in opened.listed()]
    assert shown == sorted(shown) and len(set(shown)) > 1
    opened.find("#filters [name=state]").select_option("failed")
    assert opened.listed() == [opened.tree(run=2)["key"][:10]]
    opened.find("#filters [name=state]").select_option("")
    opened.find("#filters [name=margin]").fill("0.05")
    narrow = [tree["key"][:10] for tree in opened.data["trees"] if tree.get("margin", 1) <= 0.05]
    assert sorted(opened.listed()) == sorted(narrow)
    opened.find("#filters [name=margin]").fill("")
    opened.find("#filters [name=run]").select_option("1")
    assert "2 of 2 dialogues" in opened.find("#count").text_content()


def test_what_is_searched_for_is_marked_in_the_dialogue(opened: Opened) -> None:
    tree = opened.tree()
    said = next(node["text"] for node in tree["nodes"] if node["seat"] == "user")
    opened.go().press("/")
    opened.tab.keyboard.type(said[:24].upper())
    assert set(opened.listed()) == {tree["key"][:10]}  # in two of the runs
    opened.find("#list a").first.click()
    assert opened.find("#reader mark").first.text_content() == said[:24]
    opened.find("#filters [name=text]").fill("nobody said this")
    assert opened.listed() == []


def test_a_worst_turn_leads_to_its_place(opened: Opened) -> None:
    opened.go("#worst")
    opened.find("#worst-filters [name=kind]").select_option("score")
    opened.find("#worst-filters [name=run]").select_option("0")
    bad = next(each for each in opened.data["worst"] if each["kind"] == "score")
    opened.find("#worst-list a").first.click()
    assert opened.tab.url.endswith(opened.link({**bad, "key": bad["tree"]}, bad["node"]))
    opened.tab.wait_for_selector(f'[data-node="{bad["node"]}"].target')
    assert opened.focused() == bad["node"]


def test_a_link_to_a_node_opens_its_branch(opened: Opened) -> None:
    tree = opened.tree(run=1)
    last = [node for node in tree["nodes"] if node["seat"] == "assistant"][-1]
    opened.go(opened.link(tree, last["key"]))
    assert opened.find(f'[data-node="{last["key"]}"]').is_visible()
    assert opened.find(".branch").count() >= 2
    closed = opened.find('.branch > .fold[aria-expanded="false"]')
    before = opened.find(".turn").count()
    closed.first.click()
    assert opened.find(".turn").count() > before
    opened.press("a")
    assert opened.find('.fold[aria-expanded="true"]').count() == 0
    opened.press("a")
    assert opened.find('.fold[aria-expanded="false"]').count() == 0
    users = [node for node in tree["nodes"] if node["seat"] == "user"]
    assert opened.find(".turn").count() == len(users)


def test_a_link_to_nowhere_says_so(opened: Opened) -> None:
    opened.go("#tree/nowhere/0000")
    assert "no such dialogue" in opened.find("#reader").text_content()
    opened.go(opened.link(opened.tree(), "ffffffff"))
    assert "no such dialogue" in opened.find("#reader").text_content()
    opened.go("#tree/%E0%A4%A/")
    assert "no such dialogue" in opened.find("#reader").text_content()


def test_a_turn_tells_who_said_what_and_why(opened: Opened) -> None:
    tree = opened.tree()
    opened.go(opened.link(tree))
    assert opened.find(".turn").count() == 4
    first = opened.find(".turn").first
    assert first.locator(".reply").count() == 2
    text = first.text_content()
    for part in ("revealed", "believed", "judge scripted", "margin", "confidence", "▸ went on"):
        assert part in text
    assert first.locator(".scores tbody tr").count() == 2


def test_the_keyboard_does_everything(opened: Opened) -> None:
    opened.go()
    opened.press("?")
    assert opened.find("#help").is_visible()
    opened.press("Escape")
    assert not opened.find("#help").is_visible()
    opened.press("d", "n")
    one, two = opened.tree(), opened.tree(at=1)
    assert one["key"][:10] in opened.find("#reader h1").text_content()
    opened.press("n")
    assert two["key"][:10] in opened.find("#reader h1").text_content()
    opened.press("p", "j")
    users = [node["key"] for node in one["nodes"] if node["seat"] == "user"]
    assert opened.focused() == users[0] and opened.tab.url.endswith(users[0][:8])
    opened.press("j", "j", "k")
    assert opened.focused() == users[1]
    opened.press("l", "l")
    replies = [
        node["key"]
        for node in one["nodes"]
        if node["parent"] == users[1] and node["seat"] == "assistant"
    ]
    assert opened.focused() == replies[1]
    opened.press("o")
    assert opened.find(f'[data-turn="{users[1]}"] .turn-body').is_hidden()
    opened.press("o")
    assert opened.find(f'[data-turn="{users[1]}"] .turn-body').is_visible()
    opened.press("w")
    assert opened.find("#worst").is_visible()
    opened.press("r")
    assert opened.find("#report").is_visible()


def test_any_path_reads_as_a_conversation(opened: Opened) -> None:
    tree = opened.tree()
    users = [node for node in tree["nodes"] if node["seat"] == "user"]
    opened.go(opened.link(tree, users[2]["key"])).press("c")
    opened.tab.wait_for_selector(".bubble")
    assert opened.find(".bubble").count() == 5
    assert users[2]["text"] in opened.find(".bubble").last.text_content()
    opened.press("c")
    opened.tab.wait_for_selector(".turn")
    assert "#tree/" in opened.tab.url


def test_dark_and_light(opened: Opened) -> None:
    opened.go()
    colour = "getComputedStyle(document.body).backgroundColor"
    light = opened.tab.evaluate(colour)
    opened.find("#theme").click()
    dark = opened.tab.evaluate(colour)
    assert dark != light
    opened.press("t")
    assert opened.tab.evaluate(colour) == light
    opened.tab.emulate_media(color_scheme="dark")
    assert opened.tab.evaluate(colour) == light  # what was chosen stays
    opened.tab.evaluate("delete document.documentElement.dataset.theme")
    assert opened.tab.evaluate(colour) == dark


def test_hostile_texts_show_as_text(opened: Opened) -> None:
    tree = opened.tree(run=2)
    opened.go(opened.link(tree))
    shown = opened.find("#reader").text_content()
    assert shown.count("<script>document.title='owned'</script>") >= 8
    assert "�gnp.exe" in shown and "␛[31m" in shown
    assert opened.find("#reader img, #reader script, #list img, #report img").count() == 0
    opened.press("c", "w", "d", "r")
    opened.tab.wait_for_timeout(50)


def test_texts_cannot_reorder_what_stands_around_them(opened: Opened) -> None:
    opened.go(opened.link(opened.tree(run=2)))
    style = "found => found.map(each => getComputedStyle(each).unicodeBidi)"
    for selector in ("bdi", "#reader .prose", "#reader dd li"):
        assert set(opened.find(selector).evaluate_all(style)) <= {"isolate", "plaintext"}


def test_even_markup_that_got_in_would_do_nothing(opened: Opened) -> None:
    opened.go()
    markup = '<img src="x" onerror="document.title=1"><script>document.title=2</script>'
    with pytest.raises(sync_api.Error, match="TrustedHTML"):
        opened.tab.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", markup)
    handler = "document.body.setAttribute('onclick', 'document.title=3'); document.body.click()"
    with pytest.raises(sync_api.Error, match="Trusted"):
        opened.tab.evaluate(handler)
    assert opened.troubles
    opened.troubles.clear()


def test_a_narrow_window_shows_the_list_or_the_dialogue(opened: Opened) -> None:
    opened.tab.set_viewport_size({"width": 480, "height": 800})
    opened.go("#dialogues")
    assert opened.find("#list").is_visible() and opened.find("#reader").is_hidden()
    opened.find("#list a").first.click()
    assert opened.find("#reader").is_visible() and opened.find("#list").is_hidden()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert opened.tab.evaluate(wide) is False
    opened.find(".back").click()
    assert opened.find("#list").is_visible()
    for place in ("#report", "#worst", opened.link(opened.tree(run=2))):
        assert opened.go(place).tab.evaluate(wide) is False
