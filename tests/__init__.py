"""The tests; a package, so that `tests.dialogues` never hides the package `dialogues`."""
