"""SFT on trees, through TRL: every preferred reply is learnt once, on its own true history.

    python -m training.sft --trees runs/a.db --model_name_or_path models/tiny
    python -m training.sft --config training/configs/sft_lora_4b.yaml --trees runs/a.db
    accelerate launch -m training.sft --config … --trees …

All flags of TRL's SFTConfig and ModelConfig are there; a batch counts trees. The loss is on
preferred replies only; a rejected reply that the dialogue went on from is context.
"""

import sys
from collections.abc import Sequence

from trl.trainer.model_config import ModelConfig
from trl.trainer.sft_config import SFTConfig
from trl.trainer.utils import get_peft_config, get_quantization_config

from dialogues.command import DONE, reporting_errors
from training.arguments import TreeArguments, parsed, refuse_folders
from training.collate import ReplyCollator
from training.dataset import every_reply, every_row, reply_rows, reply_targets
from training.job import refusing, run_job, settings_of
from training.loading import model_options
from training.sets import Learnt, Sets, make_sets
from training.trainers import RowSFTTrainer, TreeSFTTrainer

REPLIES = Learnt("replies", reply_targets, reply_rows, (every_reply, every_row))


def main(argv: Sequence[str]) -> int:
    """Train as the flags say.

    Raises:
        GroveError: a flag is wrong, there is nothing to learn, or the loss became no number.
    """
    trees, config, model = parsed(
        (TreeArguments, SFTConfig, ModelConfig),
        "python -m training.sft",
        argv,
        output_dir="models/sft",
    )
    refuse_folders(config)
    sets = make_sets(trees, config, model, REPLIES)
    with refusing():
        trainer = make_trainer(sets, config, model)
    run_job(trainer, sets, settings_of(trees, config, model))
    return DONE


def make_trainer(
    sets: Sets, config: SFTConfig, model: ModelConfig
) -> TreeSFTTrainer | RowSFTTrainer:
    """Make TRL's trainer, for packed trees or for rows."""
    config.model_init_kwargs = model_options(model, config.model_init_kwargs)
    if sets.packed:
        config.dataset_kwargs = {"skip_prepare_dataset": True}
    collator = ReplyCollator(sets.pad_token_id, sets.multiple)
    kind = TreeSFTTrainer if sets.packed else RowSFTTrainer
    return kind(
        model=str(model.model_name_or_path),
        args=config,
        train_dataset=sets.train,
        eval_dataset=sets.held_out,
        processing_class=sets.tokenizer,
        data_collator=collator if sets.packed else None,
        quantization_config=get_quantization_config(model),
        peft_config=get_peft_config(model),
    )


if __name__ == "__main__":
    sys.exit(reporting_errors(lambda: main(sys.argv[1:])))
