"""Training in two processes: it ends where one process with the same batches ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file
from transformers import PreTrainedTokenizerBase

from tests.training.ranks import MAINS
from tests.training.school import (
    pairs_of,
    trees_alike,
    trees_unlike,
    write_model,
    write_trees,
)

COMMON = (
    *("--optim", "sgd", "--learning_rate", "0.1", "--max_grad_norm", "0"),
    *("--lr_scheduler_type", "constant", "--train_sampling_strategy", "sequential"),
    *("--logging_steps", "1", "--report_to", "none", "--save_strategy", "no"),
    *("--use_cpu", "true", "--num_train_epochs", "2", "--per_device_eval_batch_size", "2"),
)
ROOT = Path(__file__).parents[2]
Job = tuple[str, ...]


def in_two(folder: Path, jobs: list[Job]) -> None:
    """Do jobs in two processes, which have to succeed."""
    file = folder / "jobs.json"
    file.write_text(json.dumps(jobs))
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2")
    done = subprocess.run(
        [*torchrun, "--standalone", "-m", "tests.training.ranks", str(file)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def compare(folder: Path, jobs: dict[str, Job]) -> None:
    """Do jobs, given for four trees at once, in one process and in two; compare the weights."""
    one, two = ("--per_device_train_batch_size", "4"), ("--per_device_train_batch_size", "2")
    in_two(folder, [(*job, *two, "--output_dir", f"{folder}/{n}-2") for n, job in jobs.items()])
    for name, (command, *flags) in jobs.items():
        assert MAINS[command]([*flags, *one, "--output_dir", f"{folder}/{name}-1"]) == 0
        alone, together = (
            load_file(folder / f"{name}-{processes}" / "model.safetensors") for processes in (1, 2)
        )
        assert alone.keys() == together.keys()
        for weight in alone:
            assert together[weight].numpy() == pytest.approx(alone[weight].numpy(), abs=1e-5), name
        measured = [
            json.loads((folder / f"{name}-{processes}" / "grove.json").read_text())["measured"]
            for processes in (1, 2)
        ]
        assert measured[0] == pytest.approx(measured[1], rel=1e-4), name


def test_two_processes_learn_as_one_does(
    tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    model = ("--model_name_or_path", str(write_model(tmp_path / "model", tokenizer)))
    few_and_many = trees_unlike(8)
    assert len({len(pairs_of(tree)) for tree in few_and_many}) > 4
    alike = write_trees(tmp_path / "alike.jsonl", [*trees_alike(8), *trees_alike(4, "eval")])
    unlike = write_trees(tmp_path / "unlike.jsonl", [*few_and_many, *trees_unlike(4, "eval")])
    pairs = ("dpo", "--trees", str(unlike), *model, *COMMON)
    compare(
        tmp_path,
        {
            "alike": ("dpo", "--trees", str(alike), *model, *COMMON),
            "replies": ("sft", "--trees", str(unlike), *model, *COMMON),
            "computed": (*pairs, "--precompute_ref_log_probs", "true"),
            "accumulated": (*pairs, "--gradient_accumulation_steps", "2"),
        },
    )
