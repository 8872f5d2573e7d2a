PYTHON ?= python3
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi

.PHONY: help run serve worker upgrade shell test test-long bench check format

help: ## all commands, one line each
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.requirements: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what is pinned in requirements.txt …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.requirements-dev: requirements.txt requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what is pinned in requirements-dev.txt …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/.requirements

run: .venv/.requirements ## the demo: web, worker and Stripe sandbox; Ctrl-C ends it
	@exec $(FLASK) up

serve: .venv/.requirements ## the web server, for production
	@exec $(FLASK) serve

worker: .venv/.requirements ## one worker, for production
	@exec $(FLASK) worker

upgrade: .venv/.requirements ## new requirements and migrations
	@$(FLASK) db upgrade

shell: .venv/.requirements ## a shell in which flask works
	@FLASK_APP=wsgi PATH="$(CURDIR)/$(BIN):$$PATH" exec $${SHELL:-/bin/sh}

test: .venv/.requirements-dev ## the test suite, on SQLite and PostgreSQL
	@$(BIN)/pytest -n 2 -m "not long"

test-long: .venv/.requirements-dev ## long walks, floods and matrices
	@$(BIN)/pytest -m long

bench: .venv/.requirements-dev ## the benchmarks; ONLY=queue,webhooks ENGINES=sqlite SIGNATURES=100000 STORM=20 do less
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(ENGINES),--engines $(ENGINES)) $(if $(SIGNATURES),--signatures $(SIGNATURES)) $(if $(STORM),--seconds $(STORM))

check: .venv/.requirements-dev ## lint, format, types, import layers, templates, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/pip check

format: .venv/.requirements-dev ## put the code in its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
