# `make check` proves the library; `make test` runs every test.  Each sets itself up.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS ?= 2
# z3 gives its memory back after every leaf and asks for it again: let glibc keep it meanwhile.
KEEP := MALLOC_TRIM_THRESHOLD_=400000000 MALLOC_MMAP_THRESHOLD_=400000000

# Installs, one line a package as it comes; a shell has only the exit code of a pipe's last part.
, := ,
define install
	@echo "Installing $(1) into $(VENV):"
	@rm -f $(VENV)/.failed
	@{ $(PIP) install --progress-bar off --editable '$(1)' || : > $(VENV)/.failed; } | sed -n \
		-e '/metadata/d' -e 's/^ *Downloading \([^ ]*\) \(.*\)/  \1 \2/p' \
		-e 's/^ *Using cached \([^ ]*\) \(.*\)/  \1 \2 (kept from before)/p' \
		-e 's/^Installing collected packages.*/  unpacking them/p'
	@test ! -e $(VENV)/.failed
endef

.PHONY: check test lint types doctest stability recheck statements graph bench clean

check: $(VENV)/.base
	$(BIN)/verifier check
	@echo
	@echo "Try next:"
	@echo "  $(BIN)/verifier show telgarsky-1.1"
	@echo "  $(BIN)/verifier graph -o library.svg"
	@echo "  $(BIN)/verifier --help"
	@echo "After '. $(BIN)/activate' the command is verifier alone, as the pages write it."

test: $(VENV)/.test
	$(KEEP) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests proofs

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
	@echo "Making $(VENV) with $(PYTHON); the first time this takes a minute or two."
	@$(PYTHON) -m venv $(VENV)

# What the README and the pages it leads to show works with this.
$(VENV)/.base: pyproject.toml | $(VENV)/bin/python
	$(call install,.[plot$(,)cvc5])
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(call install,.[test])
	@touch $@ $(VENV)/.base

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(call install,.[dev])
	@touch $@ $(VENV)/.test $(VENV)/.base
