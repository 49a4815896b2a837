# Fieldsmith's commands. `make run` needs only Python >= 3.11 with venv, Node >= 20 and make.
SHELL := /bin/sh
.DEFAULT_GOAL := help

FIELDSMITH_HOME ?= var
export FIELDSMITH_HOME

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PYTEST_WORKERS ?= 2

# The first interpreter on PATH that is new enough; PYTHON=/path/to/python overrides it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

CATALOGUES := $(wildcard locales/*/LC_MESSAGES/messages.po)
COMPILED := $(CATALOGUES:.po=.mo)
UI_SOURCES := $(wildcard ui/*.mjs ui/package.json) $(shell find ui -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.PHONY: help install run test check audit bench fuzz docs screenshots lock clean

help:
	@echo 'make run      install what is missing, create the workspace in ./$(FIELDSMITH_HOME) and serve http://127.0.0.1:8000'
	@echo 'make install  all that run and test need, without running'
	@echo 'make test     the whole test suite (browser and PostgreSQL tests where both are found; required when CI=true)'
	@echo 'make check    lint, types, layers and the other guards of the house'
	@echo 'make audit    bandit, and known weaknesses of the packages we use (asks pypi.org and npmjs.org)'
	@echo 'make bench    the benchmarks; writes docs/performance.md'
	@echo 'make fuzz     the long random runs'
	@echo 'make docs     writes docs/reference/ from the code'
	@echo 'make screenshots   takes the pictures of docs/images/ anew (needs Chromium)'
	@echo 'make lock     resolves setup.cfg anew into requirements.lock'

install: $(STAMPS)/package $(STAMPS)/ui $(COMPILED)

run: install
	@$(BIN)/fieldsmith init
	@exec $(BIN)/fieldsmith serve

test: install
	$(BIN)/pytest -n $(PYTEST_WORKERS)

check: install
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/house

# Each part is run and told, also when another fails. Where the advisories cannot be asked, that part fails: not asked is not clean.
audit: install
	@failed=''; \
	$(BIN)/pytest -q -n0 tests/house/test_bandit.py || failed="$$failed bandit"; \
	$(BIN)/pip-audit --progress-spinner off --strict --require-hashes --disable-pip --requirement requirements.lock || failed="$$failed pip-audit"; \
	(cd ui && npm audit) || failed="$$failed npm-audit"; \
	[ -z "$$failed" ] || { echo "Not clean, or not to be asked from here:$$failed" >&2; exit 1; }

screenshots: install
	$(BIN)/python -m docs.take_screenshots

bench: install
	$(BIN)/python -m tests.bench.run

fuzz: install
	$(BIN)/pytest -n $(PYTEST_WORKERS) -m 'hypothesis and not fuzz' --hypothesis-profile=random
	$(BIN)/pytest -n $(PYTEST_WORKERS) -m fuzz

docs: install
	$(BIN)/python docs/build_reference.py

lock: $(STAMPS)/package
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --extra dev --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock setup.cfg

clean:
	rm -rf $(VENV) ui/node_modules ui/dist $(COMPILED)

# What the machine must bring. Each missing thing is named with its cure.
$(STAMPS)/machine:
	@if [ -z "$(PYTHON)" ]; then \
		echo 'Python 3.11 or newer was not found. Install it (Debian, Ubuntu: apt install python3 python3-venv; others: python.org/downloads), or name it: make run PYTHON=/path/to/python3' >&2; exit 1; fi
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo '$(PYTHON) is older than Python 3.11. Install a newer one, or name it: make run PYTHON=/path/to/python3' >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
		echo '$(PYTHON) cannot make virtual environments: its venv module is missing. Debian, Ubuntu: apt install python3-venv' >&2; exit 1; }
	@command -v node >/dev/null 2>&1 || { \
		echo 'Node.js 20 or newer was not found. Install it from your system (Debian 13, Ubuntu 25: apt install nodejs npm) or from nodejs.org/download' >&2; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { \
		echo "Node.js is $$(node --version), which is too old: version 20 or newer is needed. See nodejs.org/download" >&2; exit 1; }
	@command -v npm >/dev/null 2>&1 || { echo 'npm was not found, though Node.js is there. Debian, Ubuntu: apt install npm' >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dependencies: requirements.lock | $(STAMPS)/machine
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@

$(STAMPS)/package: $(STAMPS)/dependencies setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/node: ui/package.json ui/package-lock.json | $(STAMPS)/machine
	cd ui && npm ci --no-audit --no-fund
	@touch $@

$(STAMPS)/ui: $(STAMPS)/node $(UI_SOURCES)
	cd ui && npm run --silent build
	@touch $@

%.mo: %.po | $(STAMPS)/dependencies
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
