PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help demo test check loop loop-full format clean

help:            ## what there is to make
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 10

demo: $(VENV)/base   ## install, grow trees with the shipped personas, show one (no key, no GPU)
	$(BIN)/python examples/quickstart.py

test: $(VENV)/dev    ## install with torch and TRL, run the whole suite
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

check: $(VENV)/dev   ## lint, type-check and check the import arrows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

loop: $(VENV)/dev    ## personas, trees, SFT, DPO and the benchmark in one go; goes on where it stopped
	$(BIN)/python -m examples.closed_loop $(ARGS)

loop-full: $(VENV)/dev ## the same with its controls, and with two more seeds
	$(BIN)/python -m examples.closed_loop --controls $(ARGS)
	for seed in 1 2; do $(BIN)/python -m examples.closed_loop --seed $$seed $(ARGS) || exit; done

format: $(VENV)/dev  ## let ruff lay out and mend the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:           ## remove the virtual environment and what the demo grew
	rm -rf $(VENV) runs

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Grove needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/base: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e .
	@touch $@

$(VENV)/dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[train,dev]'
	@touch $@ $(VENV)/base
