# `make check` proves the library; `make test` runs every test.  Each sets itself up.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
WORKERS ?= 2

.PHONY: check test lint types doctest stability recheck statements graph bench clean

check: $(VENV)/.base
	$(BIN)/verifier check

test: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests proofs

lint: $(VENV)/.dev
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

doctest: $(VENV)/.test
	$(BIN)/python -m pytest -q -p no:verifier --doctest-modules verifier proofs

stability: $(VENV)/.base
	$(BIN)/verifier check --no-cache --stability 20

recheck: $(VENV)/.test
	$(BIN)/verifier recheck

statements: $(VENV)/.base
	$(BIN)/verifier recheck --with structure --write-statements proofs/statements.json

graph: $(VENV)/.base
	$(BIN)/verifier graph -o library.svg

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/bench_check.py

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: needs Python 3.11 or later with its venv module" \
		"(on Debian: apt-get install python3-venv)" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/.base

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.test $(VENV)/.base
