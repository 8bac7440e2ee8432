# The targets are the documentation. Nothing but Python 3.11 and make is needed.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.installed
# The type checker loads the settings, which insist on keys.
UNUSED := read-by-the-type-checker-and-used-for-nothing

.DEFAULT_GOAL := help
.PHONY: help install demo test quick check format bench requirements e2e kills soak docs clean

help:            ## What there is
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## +/ - /' | sort

demo: $(STAMP)   ## The product on practice CRMs: console, worker and rehearsal; Ctrl-C ends all three
	$(BIN)/python manage.py demo

test: $(STAMP)   ## Every test but the browser's, in random order, on DATABASE_URL (default: SQLite)
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not e2e" --durations=25 $(ARGS)

quick: $(STAMP)  ## The tests without the slow ones
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not e2e and not slow" $(ARGS)

e2e: $(STAMP)    ## The browser tests, in headless Chromium (CHROMIUM names it; default /usr/bin/chromium)
	$(BIN)/python -m pytest -n 2 -m e2e $(ARGS)

check: $(STAMP)  ## Style, types, layers, migrations, deployment settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	SECRET_KEY=$(UNUSED) CREDENTIAL_KEY=$(UNUSED) $(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_django.py

format: $(STAMP) ## Formats and mends what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)  ## Calls of five systems beside the fewest possible; speed, statements and memory of a sync; undo of 100,000 rows
	$(BIN)/python -m bench.calls
	$(BIN)/python -m bench $(ARGS)
	$(BIN)/python -m bench.undo

soak: $(STAMP)   ## Fifty thousand random histories of two sides, faults and kills included; some hours, in rounds
	$(BIN)/python scripts/soak.py $(ARGS)

kills: $(STAMP)  ## Kills the worker fifty times in the middle of a first import
	$(BIN)/python scripts/kill_import.py $(ARGS)

requirements: $(STAMP) ## Which requirements the tests prove, and which nothing proves
	$(BIN)/python scripts/requirements.py $(ARGS)

docs: $(STAMP)   ## Writes docs/systems.md anew, from what the connectors declare
	SECRET_KEY=$(UNUSED) CREDENTIAL_KEY=$(UNUSED) $(BIN)/python manage.py systems > docs/systems.md

install: $(STAMP) ## The parts, pinned with their hashes, in .venv

$(STAMP): requirements-dev.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:           ## Forgets the demo and every cache; keeps .venv
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache staticfiles
