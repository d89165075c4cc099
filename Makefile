# What one does here, each in one word; `make PYTHON=python3.13 install` takes another Python.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install fast test lint readme bench

install: ## an environment in .venv, with what the tests need
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -e '.[test]' -c constraints.txt

fast: ## the quick tests on fewer examples: while you work
	$(BIN)/python -m pytest -q -m 'not slow'

test: ## all of them: before you push
	$(BIN)/python -m pytest -q

lint: ## format, style, types, the order of the rooms
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy
	$(BIN)/lint-imports

readme: ## the outputs in the README and the tables of errors, printed again
	$(BIN)/python tests/print_readme.py
	$(BIN)/python tests/print_tables.py

bench: ## how fast, as ratios within one run
	cd tests && ../$(BIN)/python -m benchmarks.speed && ../$(BIN)/python -m benchmarks.study_speed
