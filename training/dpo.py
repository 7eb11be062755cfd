"""DPO on trees, through TRL: every token of a tree goes through the model once.

    python -m training.dpo                       # no flag at all: something real and small, offline
    python -m training.dpo --trees runs/a.db --model_name_or_path models/sft --output_dir models/dpo
    python -m training.dpo --config training/configs/dpo_lora_4b.yaml --trees runs/a.db
    accelerate launch -m training.dpo --config … --trees …

All flags of TRL's DPOConfig and ModelConfig are there; a batch counts trees. What TRL does with a
row per pair is done with packed trees and comes to the same; --tree_packing off does it with rows.
"""

import sys
from collections.abc import Sequence

from trl.trainer.dpo_config import DPOConfig
from trl.trainer.model_config import ModelConfig
from trl.trainer.utils import get_peft_config, get_quantization_config

from dialogues.command import DONE, reporting_errors
from dialogues.rows import preference_rows
from training.arguments import TreeArguments, parsed, refuse_folders
from training.collate import PairCollator
from training.dataset import pair_targets
from training.job import refusing, run_job, settings_of
from training.loading import model_options
from training.sets import Learnt, Sets, make_sets
from training.trainers import RowDPOTrainer, TreeDPOTrainer

PAIRS = Learnt("pairs", pair_targets, preference_rows)


def main(argv: Sequence[str]) -> int:
    """Train as the flags say; without any, on what comes with Grove.

    Raises:
        GroveError: a flag is wrong, there is nothing to learn, or the loss became no number.
    """
    if not argv:
        from training.demo import FLAGS, introduce

        argv = [*introduce(), *FLAGS]
    trees, config, model = parsed(
        (TreeArguments, DPOConfig, ModelConfig),
        "python -m training.dpo",
        argv,
        output_dir="models/dpo",
    )
    refuse_folders(config)
    sets = make_sets(trees, config, model, PAIRS)
    with refusing():
        trainer = make_trainer(sets, config, model)
    run_job(trainer, sets, settings_of(trees, config, model))
    return DONE


def make_trainer(
    sets: Sets, config: DPOConfig, model: ModelConfig
) -> TreeDPOTrainer | RowDPOTrainer:
    """Make TRL's trainer, for packed trees or for rows."""
    config.model_init_kwargs = model_options(model, config.model_init_kwargs)
    collator = PairCollator(sets.pad_token_id, sets.multiple)
    kind = TreeDPOTrainer if sets.packed else RowDPOTrainer
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
