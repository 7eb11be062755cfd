"""What the README shows is what the code does."""

import re
from pathlib import Path

from graphs.dialogue import build_graph

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_mermaid_picture_is_langgraphs_own() -> None:
    drawn = build_graph().get_graph().draw_mermaid().split("---\n", 2)[2].rstrip()
    assert f"```mermaid\n{drawn}\n```" in README


def test_every_file_the_readme_links_to_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_module_the_readme_runs_is_there() -> None:
    modules = set(re.findall(r"python -m ([a-z_.]+)", README))
    assert "graphs.simulate" in modules
    paths = {name: ROOT / name.replace(".", "/") for name in modules}
    missing = [
        name
        for name, path in paths.items()
        if not (path.with_suffix(".py").exists() or (path / "__main__.py").exists())
    ]
    assert missing == []
