# `make chat`, `make ask Q="…"` and `make test` each set everything up first; `make help` lists them all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The user's articles and our invented ones never share an archive: an answer must not mix them.
ARCHIVE ?= $(if $(ARTICLES),.archive/own,.archive/samples)
Q ?= How many people were evacuated because of the Lowmarsh flood?

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif

.DEFAULT_GOAL := help
.PHONY: help setup models index chat ask test fast licences audit clean

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

# Where the processor has AMX, what GCC 11 and 12 build of llama.cpp crashes without these two (bot/tiles.py).
ifneq ($(shell grep -s -m 1 -o amx_tile /proc/cpuinfo),)
export CFLAGS += -fno-tree-dse -fno-dse
export CXXFLAGS += -fno-tree-dse -fno-dse
endif

# A stamp per step, so that a second `make chat` starts at once. pyproject.toml changed: install again.
$(VENV)/installed: pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Byline needs Python 3.11 or newer: make PYTHON=python3.11 …"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@echo "installing; llama.cpp is compiled for this processor, which takes about five minutes"
	$(BIN)/python -m pip install --quiet --editable '.'
	touch $@

$(VENV)/tests: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

setup: $(VENV)/installed models ## the environment and the models, nothing else

models: $(VENV)/installed
	@$(BIN)/byline models pull >&2

# ARTICLES=folder is the user's own; without it, the sample articles that ship with Byline.
index: setup
	@$(BIN)/byline index --archive '$(ARCHIVE)' $(if $(ARTICLES),'$(ARTICLES)',--samples) >&2

chat: index ## the web chat over the sample articles, or over ARTICLES=folder
	$(BIN)/byline web --archive '$(ARCHIVE)'

ask: index ## an answer in the terminal: make ask Q="…" [ARTICLES=folder]
	@$(BIN)/byline ask --archive '$(ARCHIVE)' "$$Q" || [ $$? -eq 1 ]  # 1: the articles do not say
export Q

# Two processes, each file in one of them. The slow tests want both cores for a browser or the model: one by one.
JOBS ?= 2
FAST := -n $(JOBS) --dist loadfile -m "not slow"

test: $(VENV)/tests models ## everything that CI runs: style, types and all tests, the slow ones too
	$(BIN)/byline models pull smollm2-135m >&2
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest $(FAST)
	$(BIN)/python -m pytest -m slow

fast: $(VENV)/tests ## the tests that take seconds
	$(BIN)/python -m pytest $(FAST)

licences: $(VENV)/tests ## the licence of everything that is installed for Byline
	@$(BIN)/python tests/quality/dependencies.py licences

audit: $(VENV)/tests ## known flaws of what is installed; status 2 where that could not be asked
	@$(BIN)/python tests/quality/dependencies.py audit

clean: ## remove the environment and the archive made here
	rm -rf $(VENV) .archive
