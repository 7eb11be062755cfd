"""What an import loads: light packages stay light."""

import json
import subprocess
import sys

import pytest


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules a fresh process holds after a statement."""
    script = f"{statement}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    return {name.partition(".")[0] for name in json.loads(told.stdout)}


@pytest.mark.parametrize(
    ("statement", "light_of"),
    [
        ("import dialogues", {"langgraph", "langchain_core", "torch", "chromadb", "transformers"}),
        ("import dialogues", {"agents", "graphs", "training", "eval", "pyarrow", "datasets"}),
        ("import dialogues.export, dialogues.ingest, dialogues.show", {"langgraph", "torch"}),
        ("import agents", {"langchain_openai", "openai", "torch", "langgraph", "transformers"}),
        ("import agents", {"graphs", "training", "eval"}),
        ("import graphs.simulate", {"langgraph", "torch"}),
    ],
)
def test_an_import_loads_nothing_heavy(statement: str, light_of: set[str]) -> None:
    loaded = loaded_by(statement)
    assert "dialogues" in loaded
    assert not loaded & light_of


def test_the_public_names_are_there() -> None:
    import dialogues

    assert all(hasattr(dialogues, name) for name in dialogues.__all__)
