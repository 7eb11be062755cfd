"""Agents on language models: a prompt for each seat, and what is made of the answers."""
