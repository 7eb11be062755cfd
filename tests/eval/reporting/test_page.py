"""The page takes texts for texts, and allows nothing but its own script and style."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eval.reporting.page
from eval.columns import Grid
from eval.reporting.page import embedded, page
from eval.reporting.parts import Notes, Part
from tests.eval.reporting.stage import HOSTILE, a_hostile_store, data_in, report

NOTHING = {"runs": [], "personas": {}, "trees": [], "worst": []}


@given(st.recursive(st.text() | st.none(), lambda deep: st.dictionaries(st.text(), deep)))
def test_embedded_data_is_the_same_and_ends_no_element(value: object) -> None:
    text = embedded(value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    assert report(folder / "report.html", a_hostile_store(folder)) == 0
    return folder / "report.html"


class Elements(HTMLParser):
    """Notes which elements and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}


def elements(text: str) -> Elements:
    found = Elements()
    found.feed(text)
    return found


def test_hostile_texts_make_no_element(hostile: Path) -> None:
    found = elements(hostile.read_text(encoding="utf-8"))
    assert found.tags["script"] == 2 and "img" not in found.tags
    assert not [name for name in found.attributes if name.startswith("on")]
    assert "style" not in found.attributes and "src" not in found.attributes


@pytest.mark.parametrize("ending", [".html", ".md"])
def test_no_control_or_bidi_character_is_in_the_files(hostile: Path, ending: str) -> None:
    text = hostile.with_suffix(ending).read_text(encoding="utf-8")
    assert not set(text) & {chr(code) for code in range(0x20) if chr(code) != "\n"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    if ending == ".md":
        assert "<script" not in text and "<img" not in text


def test_the_viewer_is_given_all_of_the_text(hostile: Path) -> None:
    (tree,) = data_in(hostile)["trees"]
    texts = [node["text"] for node in tree["nodes"] if node["seat"] == "user"]
    assert any("</script><script>document.title='owned'</script>" in text for text in texts)


def test_only_the_pages_own_script_and_style_may_run() -> None:
    text = page([], NOTHING)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in policy and "http" not in policy


def test_the_help_names_every_key() -> None:
    folder = Path(eval.reporting.page.__file__).parent / "page"
    helped = re.findall(r"<kbd>(.*?)</kbd>", (folder / "page.html").read_text(encoding="utf-8"))
    script = (folder / "keys.js").read_text(encoding="utf-8")
    keys = re.findall(r'^  "?([^"\s]+?)"?: \(\) =>', script, re.MULTILINE)
    assert keys and set(helped) == {*keys, "Esc"}


def test_alerts_notes_and_cells_are_texts() -> None:
    blocks = [Grid(HOSTILE, [HOSTILE], [[HOSTILE]]), Notes([HOSTILE])]
    found = elements(page([Part(HOSTILE, blocks, [HOSTILE], [HOSTILE])], NOTHING))
    assert found.tags["script"] == 2 and "img" not in found.tags


def test_an_interval_stands_back_behind_its_figure() -> None:
    cells = [["4.29 [4.10, 4.49]"], ["-0.30 ± 0.10"], ["x [1]"]]
    text = page([Part("t", [Grid("", ["a"], cells)])], NOTHING)
    assert '<bdi>4.29</bdi> <span class="interval">[4.10, 4.49]</span>' in text
    assert '<bdi>-0.30</bdi> <span class="interval">± 0.10</span>' in text
    assert "<bdi>x [1]</bdi>" in text
