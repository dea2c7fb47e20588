# Two commands do all: `make demo` runs the main job, `make test` passes the tests. Both make `.venv` first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ARGS ?=
PROTOCOL ?= trials/nilg-hes1-03/protocol.yaml
.DEFAULT_GOAL := help

.PHONY: help setup demo test test-long check serve docs bench lock clean browser

help: ## Say what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Trialwright needs Python 3.11 or newer; set PYTHON=python3.12, say")'
	@echo "· making $(VENV) with the locked packages (hashes checked); this takes a minute or two the first time"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src
	@touch $(INSTALLED)

setup: $(INSTALLED) ## Make .venv from the lock file

demo: setup ## The whole seed trial, simulated: check, rehearse, analyze, report, serve (ARGS=--no-serve stops before serving)
	@$(BIN)/trialwright demo $(ARGS)

browser: setup
	@$(BIN)/python tests/install_browser.py

test: setup browser ## Lint, types, the fast tests, then the slower ones
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@echo "· the fast part"
	@$(BIN)/pytest -n 2 --dist worksteal -m "not slow and not long" $(ARGS)
	@echo "· the rest: a real browser, whole rehearsals, the commands of the documents"
	@$(BIN)/pytest -n 2 --dist worksteal -m "slow and not long" $(ARGS)

test-long: setup browser ## Corpus-wide runs and thousands of mutated cases (TRIALWRIGHT_CORPUS names a folder of records)
	@$(BIN)/pytest -n 2 --dist worksteal -m long $(ARGS)

check: setup ## Check a protocol: make check PROTOCOL=path
	@$(BIN)/trialwright check $(PROTOCOL) $(ARGS)

serve: setup ## Serve the home folder
	@$(BIN)/trialwright serve $(ARGS)

docs: setup ## Write the generated parts of docs/ anew
	@$(BIN)/python tests/docs/regenerate.py

bench: setup ## Measure speed and memory against named peers, as ratios
	@for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

lock: setup ## Renew requirements.lock within the ranges of pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--quiet --upgrade --custom-compile-command "make lock" --output-file requirements.lock

clean: ## Remove .venv and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis
