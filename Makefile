# Kairan: every target sets up what it needs. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.setup-complete
WITHOUT_SERVERS := tests/unit tests/golden tests/property

.PHONY: help setup demo live check test drills bench lock compose clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## virtual environment, locked dependencies, Kafka jars

$(STAMP): requirements.lock pyproject.toml infra/embedded/kafka-jars.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kairan needs Python 3.11 or newer"; exit 1; }
	@if command -v uv >/dev/null; then \
		uv venv --quiet --allow-existing .venv && \
		uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
		$(PYTHON) -m venv .venv && \
		$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock && \
		$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .; \
	fi
	@$(BIN)/python -m infra.embedded.jars
	@touch $@

demo: setup ## run the main job: a synthetic city's filings reach the offices entitled to them
	$(BIN)/kairan demo

live: setup ## a synthetic city that lives on, with its operations pages
	$(BIN)/kairan live

check: setup ## lint and type-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check ## lint, type-check and run every test
	$(BIN)/python -m pytest --numprocesses logical $(WITHOUT_SERVERS)
	$(BIN)/python -m pytest $(addprefix --ignore=,$(WITHOUT_SERVERS))

drills: setup ## real faults on three brokers, every drill (twenty to fifty minutes)
	$(BIN)/kairan drill all

bench: setup ## measure the whole path
	$(BIN)/python -m benchmarks.path

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --group dev pyproject.toml -o requirements.lock
	$(BIN)/python -m infra.embedded.jars lock

compose: setup ## render docker-compose.yml from the broker's settings
	$(BIN)/python -m infra.compose.render

clean: ## remove the virtual environment and the embedded cluster's state
	rm -rf .venv .kairan
