"""Tests of the package `dialogues`."""
