"""Training: from trees to SFT and DPO through TRL, each token of a tree once."""

import os
import sys
from importlib.util import find_spec

# TRL reports its use to the hub's maker unless it is told not to; Grove sends nothing.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

# While `python -m` looks for a module, this is what argv begins with.
if find_spec("trl") is None and sys.argv[:1] == ["-m"]:
    print(
        "error: training needs further packages: pip install -c constraints.txt -e '.[train]'",
        file=sys.stderr,
    )
    raise SystemExit(2)
