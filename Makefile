# Everything happens in this folder: .venv (Python packages, pinned by hash) and .cache (a real Asterisk from
# Debian's packages). Nothing is installed on the system, and no root is needed.
#   PYTHON=...    the Python that .venv is made of (3.11 or newer)
#   ASTERISK=...  an Asterisk to be used instead of Debian's (18 or newer)

SHELL := /bin/bash
# Python keeps what it has compiled, whatever the shell says: hundreds of processes start in a run of the tests.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
READY := .venv/.ready
# Folders that `make quick` leaves out whole: what needs a PBX or a browser, the page, the commands, and what takes long.
NOT_QUICK := live browser web cli bench documents epochs
RUN := .venv/bin/

.PHONY: help venv demo test test-full quick check bench lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

venv: $(READY) ## the Python packages, into .venv

demo: $(READY) ## a real Asterisk, real phones, calls to watch and listen to (ONCE=1: ends by itself)
	$(RUN)asterisk-gdpr demo $(if $(ONCE),--once)

quick: $(READY) ## the tests that need no PBX, in seconds; without page, commands and what computes for long
	$(RUN)pytest -q -n 2 $(addprefix --ignore tests/,$(NOT_QUICK)) -m "not live and not slow and not thorough"

test: $(READY) ## all tests but the slow ones, those on a real Asterisk included
	$(RUN)pytest -q -n 2 -m "not live and not slow"
	$(RUN)pytest -q -n 5 --dist loadfile -m "live and not slow"

test-full: $(READY) ## all tests
	$(RUN)pytest

check: $(READY) ## format, lint, types, layers
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy
	$(RUN)lint-imports

bench: $(READY) ## the figures beside their rivals (WHAT=notice,seal: some of them; QUICK=1: shorter, saying less)
	$(RUN)python -m bench $(if $(QUICK),--quick) $(WHAT)

lock: ## resolve requirements/*.in anew into the pinned *.txt (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH."; exit 2; }
	for name in runtime build dev; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --upgrade requirements/$$name.in -o requirements/$$name.txt; done

clean: ## remove what was made here, but not the fetched Asterisk in .cache
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -not -path './.cache/*' -prune -exec rm -rf {} +

$(READY): requirements/dev.txt pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed: PYTHON=/path/to/python3.11 make ..."; exit 2; }
	[ -x .venv/bin/python ] || $(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m asterisk_gdpr.rig.pip .venv install --quiet --require-hashes -r requirements/dev.txt
	$(PYTHON) -m asterisk_gdpr.rig.pip .venv install --quiet --no-deps --no-build-isolation -e .
	@touch $@
