# Two promises: `make run` and `make test`, on a machine with git, make and Python 3.11 or newer.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test clean sample

OURS := etc/nlprec.yaml
CONFIG ?= $(OURS)
USER_ID ?= u00001
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --constraint constraints.txt
NEEDS := constraints.txt setup.cfg plugins/setup.cfg

help: ## what there is to make
	@sed -nE 's/^([a-z]+):.*## /\1\t/p' $(MAKEFILE_LIST)

run: .venv/made sample ## install, make a shop, walk the flow, recommend, serve on 127.0.0.1:8080 until Ctrl-C; CONFIG=FILE for your own
	@echo "== nlprec run --config $(CONFIG)"
	@$(BIN)/nlprec run --config $(CONFIG)
	@if [ "$(CONFIG)" = $(OURS) ]; then \
		echo "== nlprec recommend $(USER_ID) --explain"; \
		$(BIN)/nlprec recommend $(USER_ID) --explain --n 5 --config $(CONFIG); \
	fi
	@echo "== twistd nlprec --config $(CONFIG), until Ctrl-C"
	@exec $(BIN)/twistd --nodaemon --pidfile= nlprec --config $(CONFIG)

test: .venv/tested ## install what tests need, run everything CI runs
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/nox

clean: ## remove all that make made
	rm -rf .venv .nox sample var build dist plugins/build *.egg-info plugins/*.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*

sample: .venv/made
	@if [ "$(CONFIG)" = $(OURS) ] && [ ! -f sample/events.jsonl ]; then $(BIN)/nlprec sample sample; fi

.venv/made: $(NEEDS)
	@test -n "$(PYTHON)" || { echo "there is no python3; on Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than Python 3.11; say make PYTHON=/path/to/a/newer/python3"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "$(PYTHON) cannot make .venv; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "== installing into .venv, once: $$($(BIN)/python --version)"
	@$(PIP) setuptools
	@$(PIP) --no-build-isolation --editable . --editable ./plugins
	@touch $@

.venv/tested: .venv/made
	@echo "== installing what tests need, once"
	@$(PIP) --no-build-isolation --editable '.[test]' --editable ./plugins
	@touch $@
