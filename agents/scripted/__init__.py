"""Scripted agents: rule-based baselines that need no model, key or network.

An agenda-based user, a template assistant, a conservative inducer and a rubric judge. They are
deterministic in the seed of each call and keep nothing between calls.
"""
