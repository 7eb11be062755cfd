"""The LangGraph state machines: the dialogue, and the runner that grows trees with it."""
