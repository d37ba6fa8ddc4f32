# Every target sets up what it needs in a virtual environment in this folder (never in the system's
# Python), and only does so again when pyproject.toml changes.
#
#   make demo PYTHON=python3.12     with a Python other than python3

PYTHON ?=

VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.stamp-run
DEV := $(VENV)/.stamp-dev
DOCS := $(VENV)/.stamp-docs
PACKAGING := .venv-packaging/.stamp
PEERS := .venv-interop/.stamp .venv-custodian/.stamp .venv-moto/.stamp
SETUP := PYTHON="$(PYTHON)" sh scripts/setup_venv.sh

.DELETE_ON_ERROR:
.PHONY: help demo test unit system lint check-docs docs man site package screens bench conformance faults every-place crash peers clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(RUN) ## Create an image and launch three instances from it, in the sandbox
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh scripts/demo.sh

test: lint check-docs site package unit system ## Run everything that must pass: lint, docs, packages, tests

unit: $(DEV) ## Run the tests of single parts
	$(BIN)/pytest -n auto --dist worksteal -q -m "not system and not interop"

system: $(DEV) ## Run the tests with processes, shells, terminals, other clients and simulated faults
	$(BIN)/pytest -n auto --dist worksteal -q -m "system or interop"

test-lowest: ## Run the tests with the lowest versions that pyproject.toml allows
	$(SETUP) .venv-lowest uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python \
		--resolution lowest-direct --compile-bytecode --editable . --group test
	.venv-lowest/bin/pytest -n auto --dist worksteal -q

lint: $(DEV) ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --package cvmimg --package benchmarks
	$(BIN)/mypy scripts/*.py
	$(BIN)/lint-imports --no-cache
	$(BIN)/python scripts/lint_ci.py
	$(BIN)/actionlint -shellcheck $(BIN)/shellcheck .github/workflows/*.yml examples/ci/github*.yml
	$(BIN)/zizmor --offline --quiet --no-progress --config .github/zizmor.yml . examples/ci/github*.yml

check-docs: $(DEV) ## Check that the generated docs match the program
	$(BIN)/python scripts/make_docs.py --check
	$(BIN)/python scripts/make_catalog.py --check
	$(BIN)/python scripts/make_man.py --check
	$(BIN)/python scripts/make_assumptions.py --check
	$(BIN)/python scripts/make_coverage.py --check
	$(BIN)/python scripts/make_errors.py --check
	$(BIN)/python scripts/make_examples.py --check
	$(BIN)/python scripts/make_screens.py --check

site: $(DOCS) ## Build the site; fails on broken links and pages missing from the navigation
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

docs: $(DEV) $(DOCS) ## Regenerate the docs and build the site
	$(BIN)/python scripts/make_catalog.py
	$(BIN)/python scripts/make_docs.py
	$(BIN)/python scripts/make_man.py
	$(BIN)/python scripts/make_assumptions.py
	$(BIN)/python scripts/make_coverage.py
	$(BIN)/python scripts/make_conformance.py
	$(BIN)/python scripts/make_errors.py
	$(BIN)/python scripts/make_examples.py
	$(BIN)/python scripts/make_screens.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

package: $(PACKAGING) ## Build the wheel and sdist, and try them with pip, pipx and uv in clean environments
	PATH="$(CURDIR)/.venv-packaging/bin:$$PATH" bash scripts/try_packages.sh

screens: $(DEV) ## Generate pictures of every command's screens in docs/screens
	$(BIN)/python scripts/make_screens.py

man: $(DEV) ## Generate the man pages in man/
	$(BIN)/python scripts/make_man.py

bench: $(DEV) $(PEERS) ## Compare with tccli and the SDK, and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

conformance: $(DEV) ## Compare the real service with what cvmimg expects (INSTANCE=ins-…)
	$(BIN)/python scripts/conformance.py --instance "$(INSTANCE)"

faults: $(DEV) ## Simulate 20,000 disturbed runs
	$(BIN)/python scripts/faults.py

every-place: $(DEV) ## Simulate every fault at every call and every write of each kind of operation
	$(BIN)/python scripts/faults.py --runs 0 --every-place

crash: $(DEV) ## Kill 200 real processes at random times, including during resume
	$(BIN)/python scripts/crash.py

peers: $(PEERS) ## Install the third-party clients that the interop tests and benchmarks run

clean: ## Remove everything that the targets created
	rm -rf $(VENV) .venv-interop .venv-custodian .venv-moto .venv-lowest .venv-packaging site dist .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		tests/interop/node/node_modules
	find src tests scripts benchmarks -name __pycache__ -type d -exec rm -rf {} +

$(RUN): pyproject.toml scripts/setup_venv.sh
	$(SETUP) $(VENV) --editable .
	@touch $@

$(DEV): pyproject.toml scripts/setup_venv.sh
	$(SETUP) $(VENV) --editable . --group test --group lint
	@touch $@ $(RUN)

$(DOCS): pyproject.toml scripts/setup_venv.sh
	$(SETUP) $(VENV) --group docs
	@touch $@

# tccli pins the SDK of all products, which conflicts with the split packages in .venv.
.venv-interop/.stamp: pyproject.toml scripts/setup_venv.sh
	$(SETUP) .venv-interop --group peers
	@touch $@

$(PACKAGING): pyproject.toml scripts/setup_venv.sh
	$(SETUP) .venv-packaging --group packaging
	@touch $@

# Cloud Custodian and moto pin libraries that clash with tccli's.
.venv-custodian/.stamp: pyproject.toml scripts/setup_venv.sh
	$(SETUP) .venv-custodian --group custodian
	@touch $@

.venv-moto/.stamp: pyproject.toml scripts/setup_venv.sh
	$(SETUP) .venv-moto --group moto
	@touch $@
