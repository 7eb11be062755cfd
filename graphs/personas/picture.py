"""The picture of a pool: how alike each description is to its nearest other one."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from dialogues.errors import GroveError
from dialogues.persona import Kind
from dialogues.pool import KINDS


def draw(
    neighbours: Mapping[Kind, Sequence[float]], thresholds: Mapping[Kind, float], path: Path
) -> None:
    """Write the histograms of nearest-neighbour similarities as a picture, side by side.

    Raises:
        GroveError: the file cannot be written.
    """
    figure = Figure(figsize=(5 * len(neighbours), 3.2), layout="constrained")
    for axes, (kind, similarities) in zip(
        figure.subplots(1, len(neighbours), squeeze=False)[0], neighbours.items(), strict=True
    ):
        axes.hist(similarities, bins=np.linspace(0, 1, 41).tolist(), color="#4a7c59")
        if kind in thresholds:
            axes.axvline(thresholds[kind], color="#b33f40", linestyle="--", label="threshold")
            axes.legend(frameon=False)
        axes.set(xlabel="cosine similarity to the nearest other", ylabel=KINDS[kind][0])
        axes.spines[["top", "right"]].set_visible(False)
    try:
        figure.savefig(path, dpi=150, format=path.suffix[1:] or "png")
    except (OSError, ValueError) as error:
        raise GroveError(f"cannot write {path}: {error}") from error
