# What can be done with this checkout. `make help` lists it.
# Everything that is installed or cached lies in .venv; the demonstration's data in VOSERVER_DATA_DIR.

PORT ?= 8000
TESTS ?= tests
QUERIES ?= 100000
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),$(VENV)/uv/bin/uv)

CONFORMANCE = $(UV) run --quiet --no-sync --with-requirements conformance/requirements.txt python -m conformance

unexport VIRTUAL_ENV
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_CACHE_DIR ?= $(VENV)/.cache/uv
export UV_PYTHON_DOWNLOADS := never
# The system's certificates, where there are any: networks with a proxy of their own add theirs.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
endif
export PYTHONPYCACHEPREFIX := $(VENV)/.cache/bytecode
export RUFF_CACHE_DIR := $(VENV)/.cache/ruff
export MYPY_CACHE_DIR := $(VENV)/.cache/mypy
export HYPOTHESIS_STORAGE_DIRECTORY := $(VENV)/.cache/hypothesis

.PHONY: help setup demo test check bench fuzz conformance conformance-gui docs clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo [PORT=8000]   install, load the sample, serve it until Ctrl-C'
	@echo 'make setup              only install, into .venv'
	@echo 'make test [TESTS=tests] the test suite, or a part of it'
	@echo 'make check              ruff, mypy and the architecture test'
	@echo 'make bench              measure against psql, psycopg and pgSphere'
	@echo 'make fuzz [QUERIES=100000]  queries at random: each is refused in words, or planned'
	@echo 'make conformance        let STILTS, pyvo, astroquery, curl and XML schemas judge a running server'
	@echo 'make conformance-gui    the same with TOPCAT, Aladin, DS9 and a browser (Debian, as root)'
	@echo 'make docs               write docs/settings.md anew from the settings'
	@echo 'make clean              remove .venv and what was built (not the data directory)'

setup: $(VENV)/.synced

demo: setup
	@$(BIN)/voserver demo --port $(PORT)

test: setup
	$(BIN)/pytest -n auto --maxprocesses 8 -o cache_dir=$(VENV)/.cache/pytest $(TESTS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q -p no:cacheprovider tests/test_architecture.py

bench: setup
	$(BIN)/python bench/run.py

fuzz: setup
	$(BIN)/python bench/fuzz.py --queries $(QUERIES)

# The clients lie over the project's environment for as long as they run.
conformance: setup
	@$(CONFORMANCE) headless

conformance-gui: setup
	@$(CONFORMANCE) gui

docs: setup
	$(BIN)/voserver settings > docs/settings.md

clean:
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.synced: pyproject.toml uv.lock $(VENV)/pyvenv.cfg | $(UV)
	@echo 'Installing into .venv …'
	@$(UV) sync --locked --quiet
	@touch $@

# --without-pip, because Debian's python3 has no ensurepip until python3-venv is installed, and uv needs none.
$(VENV)/pyvenv.cfg:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or later is needed: apt-get install python3'; exit 1; }
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/uv/bin/uv: | $(VENV)/pyvenv.cfg
	@echo 'Fetching uv into .venv …'
	@{ $(PYTHON) -m venv $(VENV)/uv && $(VENV)/uv/bin/python -m pip install --quiet --no-cache-dir uv; } >/dev/null 2>&1 \
	|| { rm -rf $(VENV)/uv; $(PYTHON) -m pip install --quiet --no-cache-dir --target $(VENV)/uv uv; } >/dev/null 2>&1 \
	|| { rm -rf $(VENV)/uv; \
	echo 'uv could not be installed. Is the network there? Without pip, first: apt-get install python3-venv'; exit 1; }
