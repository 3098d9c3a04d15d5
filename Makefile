# Phiếu. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
PHIEU := $(VENV)/bin/phieu
INSTANCE ?= instance/demo
SIZE ?= small
HOST ?= 0.0.0.0
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench torture serve reference bundle lock sbom audit clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A virtual environment from the hashed lock file; made again when the lock or the project changes.
$(VENV)/.runtime: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (the first time this downloads about 150 MB) …"
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@# An editable installation is meant; setuptools warns of it at length.
	@PYTHONWARNINGS=ignore $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.runtime ## the main job end to end, from a list of dossiers to a report, into instance/demo (SIZE=small|province)
	@$(PHIEU) --instance $(INSTANCE) demo --size $(SIZE)

# Branch coverage doubles the time: continuous integration measures it and fails under 95 %; here: make test CI=true.
COVER := $(if $(filter true,$(CI)),--cov --cov-report=term)

test: $(VENV)/.dev ## all tests (CI=true: with branch coverage, and nothing may be skipped for want of a program)
	@rm -f .coverage .coverage.*
	@$(VENV)/bin/python -m coverage erase
	@$(VENV)/bin/python -m pytest -n $(WORKERS) --dist worksteal -q $(COVER)

lint: $(VENV)/.dev ## style, types, import layers
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-cache

bench: $(VENV)/.dev ## benchmarks, each paired with a reference in the same run; writes instance/bench.json
	@$(VENV)/bin/python -m tests.bench $(if $(ONLY),--only $(ONLY))

torture: $(VENV)/.dev ## fault injection, simulation and fuzzing at full size
	@PHIEU_TORTURE=1 $(VENV)/bin/python -m pytest -q -m torture

serve: $(VENV)/.runtime ## serve an instance to this network (INSTANCE=instance/demo HOST=0.0.0.0)
	@$(PHIEU) --instance $(INSTANCE) serve --host $(HOST)

reference: $(VENV)/.dev ## write docs/reference/commands.md from the commands
	@$(VENV)/bin/python docs/make_reference.py

bundle: $(VENV)/.runtime ## one file that installs Phiếu without a network, with checksums, into build/
	@$(VENV)/bin/python docs/operations/bundle/make_bundle.py -o build

lock: ## write the lock files anew from pyproject.toml (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -U -o requirements.lock pyproject.toml
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements.lock --extra dev -o requirements-dev.lock pyproject.toml

sbom: $(VENV)/.runtime ## what Phiếu is made of: instance/sbom.cdx.json, CycloneDX of requirements.lock
	@$(VENV)/bin/python docs/make_sbom.py instance/sbom.cdx.json

audit: $(VENV)/.runtime ## ask a vulnerability database about requirements.lock (0 clean, 1 found, 3 could not ask)
	@$(VENV)/bin/python docs/audit_lock.py

clean: ## remove the virtual environment and caches, never an instance
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
