"""Examples: read them top to bottom, run them with `python -m examples.NAME`."""
