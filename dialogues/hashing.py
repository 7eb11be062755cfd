"""Content ids and derived seeds: short, stable BLAKE2 hashes of what a thing says."""

import json
from hashlib import blake2b
from typing import Any


def short_hash(*parts: object, size: int = 8) -> str:
    """Hash the texts of `parts`, as a JSON list, to `2 * size` hexadecimal digits."""
    joined = canonical_json([str(part) for part in parts])
    return blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()


def canonical_json(value: Any) -> str:
    """Write `value` as the one JSON text that equal values share (sorted keys, no spaces).

    Raises:
        TypeError, ValueError: it is not JSON (NaN and infinities are not).
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def derived_seed(run_seed: int, key: str, purpose: str = "") -> int:
    """Derive the seed of one draw or call, in [0, 2**31).

    A node's key hashes (persona, repeat, path below the root), so the seed depends on those and
    on the run's seed, and never on the run's name or on who fills a seat.
    """
    return int(short_hash(run_seed, key, purpose, size=4), 16) >> 1
