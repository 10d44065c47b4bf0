# Needs Python 3.11, make and a network; everything else is installed into .venv from the lock files, checked by hash.
.DEFAULT_GOAL := help
.PHONY: help run test lint bench vectors lock ready ready-dev

PYTHON ?= $(firstword $(foreach name,python3.11 python3,$(shell command -v $(name))))
BIN := .venv/bin
COMPILE = $(BIN)/uv pip compile --quiet --upgrade --no-emit-index-url --generate-hashes --python-version 3.11
# Wheels only, but for one package that has none: plain Python, built by the setuptools of the lock (docs/decisions/0001).
LOCKED := --require-hashes --only-binary :all: --no-binary flask-principal --no-build-isolation
PIP := $(BIN)/pip --disable-pip-version-check --quiet

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ready ## make the demo round (first time) and serve the site on http://127.0.0.1:5000
	$(BIN)/surveys run

# Tests run three at a time, on two processors too: a fourth of the time is waiting, for a browser or a disk.
test: ready-dev lint ## linters, types, layers, all tests; the last line counts the lines
	@.ci/browser
	$(BIN)/pytest -n 3 --dist worksteal
	@for part in surveys tests docs; do \
	  printf '%s %s lines  ' "$$part" "$$(find $$part -type f \( -name '*.py' -o -name '*.md' -o -name '*.toml' \) -exec cat {} + | wc -l)"; \
	done; echo

lint: ready-dev ## ruff, mypy --strict and the contracts between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: ready-dev ## measure: see benchmarks/
	$(BIN)/python -m benchmarks

vectors: ready-dev ## write tests/vectors anew (a change there is a change of the protocol)
	$(BIN)/python -m tests.vectors.write

lock: .venv/pyvenv.cfg ## newest versions into the lock files
	$(PIP) install uv
	$(COMPILE) --group build -o requirements-build.lock
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

ready: .venv/.ready static/build/clients.json
ready-dev: ready .venv/.ready-dev

.venv/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "no Python found: install Python 3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, %s is %d.%d" % (sys.executable, *sys.version_info[:2]))'
	$(PYTHON) -m venv .venv

.venv/.ready: .venv/pyvenv.cfg requirements.lock requirements-build.lock pyproject.toml
	$(PIP) install $(LOCKED) -r requirements-build.lock
	$(PIP) install $(LOCKED) -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.lock
	$(PIP) install $(LOCKED) -r requirements-dev.lock
	@touch $@

# The bundles are built anew when a source changes; `pip install` builds them too (setup.py).
static/build/clients.json: .venv/.ready client/build.py client/package-lock.json $(shell find client/src -name '*.ts')
	$(BIN)/python client/build.py
