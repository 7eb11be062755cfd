"""Writing results down: one JSON text, Markdown in which no name is markup, plots, a table."""

import io
import json
import xml.etree.ElementTree as Xml
from pathlib import Path

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console

from dialogues.errors import UsageError
from dialogues.plain import visible
from eval import columns
from eval.columns import spark
from eval.legend import notes
from eval.markdown import markdown
from eval.plotting import chart_of, plot
from eval.result import Case, Figure, Flip, Probe, Result, Row, Said, Versus, Wished
from eval.showing import show
from eval.writing import write
from tests.eval.benching import CHEAP, EXACT, ONE, SIX, Capture, a_result, a_row, bench, result_in
from tests.strategies import texts

RISING = tuple(1 + each / 3 for each in range(10))
HALF = Figure(value=0.5, low=0.25, high=0.75)
HOSTILE = [
    "a|b", "[x](http://evil)", "![x](y)", "<b>bold</b>", "`code`", "*x* _y_ ~~z~~", "# head",
    "a\nb", "\\", "&lt;", "<!-- -->", "\x1b[31mred", "---", "$x$", "| --- |",
]  # fmt: skip
ALLOWED = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text"),
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("code_inline", "image"),
}


def versus(baseline: str) -> Versus:
    told = dict.fromkeys(("mean", "ir", "adjusted", "gap"), HALF)
    return Versus(baseline=baseline, p=0.0004, holm=0.04, detectable=0.3, **told)  # type: ignore[arg-type]


def everything(name: str) -> Result:
    """Return a result with every kind of table, in which one name stands wherever one can."""
    rows = [a_row(name, *RISING), a_row("other", *RISING[::-1], versus=versus(name), missing=2)]
    first = a_result(*rows).tables[0]
    tables = [table.model_copy(update={"user": name, "judge": name}) for table in (first, first)]
    shares = dict.fromkeys(("kept_before", "kept_after", "old_after"))
    wish = Wished(wish="fewer_questions", cases=3, chance=0.25, **shares, above=HALF)
    who = {"assistant": name, "user": name}
    kept = dict.fromkeys(("depth", *shares), HALF)
    flip = Flip(**who, judge=name, turn=6, recovery=None, wishes=[wish], cases=3, **kept)
    probe = Probe(**who, precision=0.5, recall=None, f1=None, cases=3)
    return a_result(tables=tables, flips=[flip], probes=[probe])


def tokens(text: str) -> list[tuple[str, str]]:
    """Parse Markdown; return the kind and the text of all its parts."""
    found = []
    for block in MarkdownIt("commonmark").enable("table").parse(text):
        for each in (block, *(block.children or ())):
            found.append((each.type, each.content))
    return found


def cells(text: str) -> list[list[str]]:
    """Return the rows of all tables of a page, as a reader sees them."""
    rows: list[list[str]] = []
    inside = False
    for block in MarkdownIt("commonmark").enable("table").parse(text):
        if block.type == "tr_open":
            rows.append([])
        inside = block.type in ("td_open", "th_open") or (inside and block.type == "inline")
        if block.type == "inline" and inside:
            rows[-1].append("".join(each.content for each in block.children or ()))
            inside = False
    return rows


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_markup(name: str) -> None:
    page = markdown(everything(name))
    assert {kind for kind, _ in tokens(page)} <= ALLOWED
    assert [text for kind, text in tokens(page) if kind == "code_inline"] == ["aloe", "aloe"]
    grids = [grid for section in columns.sections(everything(name)) for grid in section.grids]
    widths = [len(row) for grid in grids for row in (grid.header, *grid.rows)]
    assert [len(row) for row in cells(page)] == widths


@given(texts.filter(str.strip))
@settings(max_examples=40)
def test_every_name_is_read_as_it_stands(name: str) -> None:
    page = markdown(a_result(a_row(name, *RISING)))
    rows = cells(page)
    kinds = (columns.MAIN, ("assistant", *RISING), columns.RISE)
    assert [len(row) for row in rows] == [len(kind) for kind in kinds for _ in range(2)]
    assert rows[1][0].split() == visible(name).split()


def test_a_page_has_a_table_of_each_kind() -> None:
    page = markdown(everything("one"))
    told = ("### AL(k)", "### Rise", "### Minus one", "## Transfer", "The wish flips in turn 6",
            "## Beliefs", "0.040", "al_2.svg")  # fmt: skip
    assert all(each in page.replace("&lt;", "<") for each in told)


def test_without_comparisons_flips_and_probes_a_page_has_no_such_table() -> None:
    page = markdown(a_result(a_row("one", *RISING)))
    assert not [each for each in ("Minus", "Transfer", "flips", "Beliefs") if each in page]


def test_missing_scores_are_told_of_in_the_notes() -> None:
    case = {"user": "u", "assistant": "a", "run": "r", "profile": "p", "personality": "q"}
    spoilt = Case(**case, tree="0123456789", replies=[], missing=["no reply in turns 1-3", "so"])  # type: ignore[arg-type]
    result = a_result(a_row("one", *RISING), cases=[spoilt])
    assert result.missing[0] == "a with u, tree 012345: no reply in turns 1-3"
    assert "2 scores are missing" in notes(result)[-1]


def test_a_result_survives_its_json() -> None:
    case = {"user": "u", "assistant": "a", "run": "r", "profile": "p", "personality": "q"}
    said = Said(turn=1, words=3, scores={"j": 4.5}, mismatched={"j": [1.0, 2.0]})
    result = everything("a|b").model_copy(
        update={"cases": [Case(**case, tree="t", replies=[said])]}  # type: ignore[arg-type]
    )
    assert Result.model_validate_json(result.model_dump_json()) == result


def shown(result: Result, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    show(result, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_terminal_of_80_columns_shows_the_curve_and_the_figures() -> None:
    rows = (a_row("hinted=scripted", *RISING), a_row("plain=scripted", *RISING[::-1]))
    text = shown(a_result(*rows))
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "▁▂▃▃▄▅▆▆▇█" in text or spark(RISING, 1, 4) in text
    assert spark(RISING[::-1], 1, 4) in text
    assert "hinted=scripted" in text and "2.50" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_terminal_obeys_no_name(name: str) -> None:
    text = shown(everything(name), 400)
    assert "\x1b" not in text
    assert visible(name).split("\n")[0] in text


def test_a_curve_shares_its_scale_with_the_others_and_has_gaps() -> None:
    assert spark([1, None, 5], 1, 5) == "▁ █"
    assert spark([1, 3], 1, 5)[0] == "▁" and spark([1, 3], 1, 5)[1] in "▄▅"
    assert spark([3, 3], 3, 3) == "▁▁"
    assert spark([], 0, 0) == ""


def drawn(folder: Path, *rows: Row) -> tuple[bytes, bytes]:
    folder.mkdir(exist_ok=True)
    plot(chart_of(a_result(*rows).tables[0]), folder / "al.png", folder / "al.svg")
    return (folder / "al.svg").read_bytes(), (folder / "al.png").read_bytes()


def test_plots_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    rows = (a_row("one", *RISING), a_row("$x_$ <b>&", 2.0, None, 3.0, *RISING[3:]))
    first = drawn(tmp_path / "a", *rows)
    assert drawn(tmp_path / "b", *rows) == first
    assert Xml.fromstring(first[0]).tag.endswith("svg")
    assert first[1].startswith(b"\x89PNG")
    assert drawn(tmp_path / "c", *rows[:1])[0] != first[0]


def test_few_turns_have_whole_numbers_and_all_curves_are_told_apart(tmp_path: Path) -> None:
    curve = (1.0, 2.0, 3.0, 4.0, 4.5)
    svg = drawn(tmp_path / "few", a_row("one", *curve), a_row("two", *curve))[0].decode()
    across = svg.partition('id="matplotlib.axis_2"')[0]
    assert "<!-- 1.5 -->" not in across and "<!-- 2 -->" in across
    assert "bands: 95 % intervals" in svg and "stroke-dasharray" in svg
    many = drawn(tmp_path / "many", *(a_row(str(at), *curve) for at in range(5)))[0].decode()
    assert "bars: 95 % intervals" in many
    alone = a_row("one", *curve, al=[Figure(value=each, low=None, high=None) for each in curve])
    assert "95 %" not in drawn(tmp_path / "none", alone)[0].decode()


def test_a_folder_is_made_and_all_is_written_there(tmp_path: Path) -> None:
    result = a_result(a_row("one", *RISING))
    write(result, tmp_path / "new" / "deep")
    names = sorted(path.name for path in (tmp_path / "new" / "deep").iterdir())
    assert names == [
        "al_1.png",
        "al_1.svg",
        "result.csv",
        "result.json",
        "result.md",
        "summary.csv",
    ]
    text = (tmp_path / "new" / "deep" / "result.json").read_text()
    assert Result.model_validate(json.loads(text)) == result and text.endswith("}\n")


def test_a_folder_that_cannot_be_made_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match=r"--out .*: cannot be written"):
            write(a_result(a_row("one", *RISING)), folder)


def test_what_a_command_writes_is_valid_and_holds_everything(
    tmp_path: Path, capsys: Capture
) -> None:
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT, "--baseline", ONE, whole=True) == 0
    out, result = tmp_path / "out", result_in(tmp_path)
    assert (result.suite, result.protocol, result.seed, result.turns) == ("aloe", "aloe", 0, 3)
    assert result.perfect == 0.5
    assert len(result.digests) == 2 and all(len(each) == 32 for each in result.digests.values())
    assert (out / "al_1.svg").exists() and (out / "al_1.png").exists()
    said = capsys.readouterr()
    assert max(map(cell_len, said.out.splitlines())) <= 80
    assert any(block in said.out for block in "▂▃▄▅▆▇█")
    assert f"results in {out}" in said.err.replace("\n", "")
