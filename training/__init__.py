"""Training: from trees to SFT and DPO through TRL, each token of a tree once."""

import os

# TRL reports its use to the hub's maker unless it is told not to; Grove sends nothing.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
