"""Merges LoRA adapters into their base model, so that training and serving take it as any model.

    python -m training.merge --adapters models/sft-lora-4b --out models/sft-4b

Training on with `training.dpo`, and servers that load no adapters, want the merged model. The card
(`grove.json`) goes along, so that nobody who was trained on is forgotten.
"""

import shutil
import sys
from pathlib import Path

from pydantic import Field
from rich.console import Console

from dialogues.card import CARD
from dialogues.command import DONE, Command, main
from dialogues.errors import UsageError


class Merge(Command):
    """Merge LoRA adapters into their base model."""

    adapters: Path = Field(description="folder that a training with --use_peft left")
    out: Path = Field(description="folder to write the merged model to")

    def execute(self) -> int:
        """Write the merged model, its tokenizer and its card.

        Raises:
            UsageError: the folder holds no adapters, or their base model is not to be had.
        """
        from peft import AutoPeftModelForCausalLM
        from transformers import AutoTokenizer

        if not (self.adapters / "adapter_config.json").is_file():
            raise UsageError(f"--adapters {self.adapters}: holds no LoRA adapters")
        if self.out.exists() and not (self.out.is_dir() and not any(self.out.iterdir())):
            raise UsageError(f"--out {self.out}: is not empty, or no folder; give another name")
        try:
            model = AutoPeftModelForCausalLM.from_pretrained(str(self.adapters), dtype="auto")
            tokenizer = AutoTokenizer.from_pretrained(str(self.adapters))
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0][:200]
            raise UsageError(f"--adapters {self.adapters}: cannot load them ({reason})") from error
        model.merge_and_unload().save_pretrained(self.out)
        tokenizer.save_pretrained(self.out)
        if (self.adapters / CARD).is_file():
            shutil.copy(self.adapters / CARD, self.out / CARD)
        Console(stderr=True).print(f"model in {self.out}", markup=False)
        return DONE


if __name__ == "__main__":
    sys.exit(main(Merge, "training.merge"))
