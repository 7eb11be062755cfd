"""Measurements behind the figures in RESULTS.md; each module is run with `python -m`."""
