# `make demo` and `make test` do all the set-up on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: install demo test check bench clean

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,torch,boosters]'
	touch $(READY)

install: $(READY)            ## a virtual environment with everything in it

demo: $(READY)               ## the main job on real data, offline
	$(BIN)/haste-run demo

test: $(READY)               ## every test
	$(BIN)/python -m pytest -n auto

check: $(READY)              ## formatting, lint, types, floors
	$(BIN)/ruff format --check runner tests benchmarks
	$(BIN)/ruff check runner tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(READY)              ## speed, measured side by side
	$(BIN)/python benchmarks/evaluation_overhead.py
	$(BIN)/python benchmarks/event_log.py
	$(BIN)/python benchmarks/skill_tree.py
	$(BIN)/python benchmarks/claude_prompts.py

clean:
	rm -rf $(VENV) .haste .mypy_cache .ruff_cache .pytest_cache
