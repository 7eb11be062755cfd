"""Shortcuts in preference data: what a model could learn instead of who it is talking to."""

from collections import Counter

from dialogues.rows import Row

SHARE = 0.7
"""A feature that alone predicts the chosen reply in more pairs than this is warned of."""
_ENOUGH_PAIRS = 20


class ShortcutCheck:
    """Counts, over a stream of preference rows, how well one feature alone predicts the choice."""

    def __init__(self) -> None:
        """Start with no rows seen."""
        self._right: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def see(self, row: Row) -> None:
        """Count one preference row."""
        longer = row["chosen_characters"] - row["rejected_characters"]
        hinted = row["chosen_hinted"] - row["rejected_hinted"]
        for feature, lead in (("longer", longer), ("shorter", -longer), ("hinted", hinted)):
            if lead:
                self._seen[feature] += 1
                self._right[feature] += lead > 0

    def warnings(self) -> list[str]:
        """Say which feature predicts the chosen reply in more than `SHARE` of the pairs."""
        return [
            f"the {feature} reply is the chosen one in {share:.0%} of {seen} pairs: "
            f"a model may learn just that; {_ADVICE[feature]}"
            for feature, seen in self._seen.items()
            if seen >= _ENOUGH_PAIRS and (share := self._right[feature] / seen) > SHARE
        ]


_ADVICE = {
    "longer": "balance lengths or report scores beside length",
    "shorter": "balance lengths or report scores beside length",
    "hinted": "compare with pairs in which both or neither reply had a hint",
}
