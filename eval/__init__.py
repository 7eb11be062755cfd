"""Evaluation: does an assistant align with its user, and how sure are we."""
