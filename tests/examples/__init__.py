"""Tests of the examples and the README."""
