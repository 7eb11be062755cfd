"""What `training.dpo` does when told nothing: a tiny model on the trees that come with Grove."""

from pathlib import Path

from rich.console import Console

from training.tiny import make_tiny
from training.trees import read_trees

TREES = Path(__file__).parent / "data" / "trees.jsonl"
"""Dialogues of scripted agents, of a few people to train on and a few to measure on."""

MODEL = Path("models/dpo-demo-start")

FLAGS = (
    *("--output_dir", "models/dpo-demo", "--num_train_epochs", "3", "--learning_rate", "5e-4"),
    *("--per_device_train_batch_size", "1", "--gradient_accumulation_steps", "4"),
    *("--beta", "0.1", "--logging_steps", "5"),
    *("--save_strategy", "no", "--warmup_steps", "5"),
)

_TOLD = """no flags given: training something real and small.
  trees: {trees} (shipped; scripted agents, 5 turns)
  model: {model}, about 0.7 M parameters from scratch, which has learnt nothing yet
Your own, once this is done:
  python -m training.sft --trees runs/a.db --config training/configs/sft_lora_4b.yaml
  python -m training.dpo --trees runs/a.db --config training/configs/dpo_lora_4b.yaml
"""


def introduce() -> list[str]:
    """Say what is used, make the tiny model, and return the flags that name both."""
    console = Console(stderr=True)
    shown = TREES.relative_to(Path.cwd()) if TREES.is_relative_to(Path.cwd()) else TREES
    console.print(
        _TOLD.format(trees=shown, model=MODEL), markup=False, highlight=False, soft_wrap=True
    )
    make_tiny([tree for tree, _ in read_trees(str(TREES))], MODEL)
    return ["--trees", str(TREES), "--model_name_or_path", str(MODEL)]
