# Two promises: `make run` and `make test`, on a machine with git, make and Python 3.11 or newer.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
CONFIG ?= etc/nlprec.yaml
USER_ID ?= u00001
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test clean

help: ## what there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

.venv/made: constraints.txt setup.cfg plugins/setup.cfg
	@test -n "$(PYTHON)" || { echo "no python3 found: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "cannot make .venv: apt-get install python3-venv"; rm -rf .venv; exit 1; }
	@echo "installing into .venv (once) ..."
	@$(BIN)/python -m pip install -q -c constraints.txt setuptools wheel
	@$(BIN)/python -m pip install -q --no-build-isolation -c constraints.txt -e . -e ./plugins
	@touch $@

.venv/tested: .venv/made
	@echo "installing what tests need (once) ..."
	@$(BIN)/python -m pip install -q --no-build-isolation -c constraints.txt -e '.[test]' -e ./plugins
	@touch $@

sample: .venv/made
	@test "$(CONFIG)" != etc/nlprec.yaml || test -f sample/events.jsonl || $(BIN)/nlprec sample sample

run: sample ## install, make a sample, walk the flow, recommend, then serve on 127.0.0.1:8080 until Ctrl-C; CONFIG=... for your own
	@$(BIN)/nlprec run --config $(CONFIG)
	@test "$(CONFIG)" != etc/nlprec.yaml || $(BIN)/nlprec recommend $(USER_ID) --config $(CONFIG) --n 5
	@echo "serving until Ctrl-C; ask: curl -s localhost:8080/v1/users/$(USER_ID)/recommendations?n=3"
	@exec $(BIN)/twistd --nodaemon --pidfile= nlprec --config $(CONFIG)

test: .venv/tested ## everything CI runs
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/nox --error-on-missing-interpreters -s lint types contracts docs tests

clean: ## remove what make made
	rm -rf .venv .nox sample var build plugins/build *.egg-info plugins/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*

.PHONY: sample
