"""Building pools of personas that differ in meaning (`python -m graphs.personas`)."""
