"""Training jobs one after the other, in every process that torchrun starts.

    torchrun --nproc_per_node 2 -m tests.training.ranks jobs.json

The file holds a list of jobs, each the name of a command and its flags.
"""

import json
import sys
from pathlib import Path

import torch

from training import dpo, sft

MAINS = {"dpo": dpo.main, "sft": sft.main}

if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, *flags in json.loads(Path(sys.argv[1]).read_text()):
        MAINS[name](flags)
