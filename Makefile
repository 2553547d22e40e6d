# Everything sets itself up in .venv: `make demo` and `make test` work on a machine with Python 3.11 and make alone.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
DEVELOPED := .venv/.developed

SENTENCES := 'Heute Abend gehen wir mit unseren Freunden ins Kino.' \
	'Weil Emma krank ist, kann sie nicht in die Schule gehen.' \
	'Die alte Brücke ist schon repariert worden.'

.PHONY: install demo test test-real test-versions lint types imports docs docs-check check bench clean

install: $(INSTALLED)  ## .venv/bin/dragoman

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dragoman needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv

$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(DEVELOPED): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: $(INSTALLED)  ## the main job on built-in data, in about two minutes
	@$(BIN)/dragoman run recipes/demo.yaml
	@echo
	@echo 'Three sentences of your own could be these:'
	@printf '  %s\n' $(SENTENCES)
	@echo 'The model says:'
	@$(BIN)/dragoman translate demo $(SENTENCES) | sed 's/^/  /'
	@echo
	@echo 'The report is runs/demo/report.html: open it in a browser. What to try next:'
	@echo '  $(BIN)/dragoman translate demo "..."       your own sentence'
	@echo '  $(BIN)/dragoman check recipes/demo.yaml    what the recipe says'
	@echo '  $(BIN)/dragoman new translation my.csv     a recipe for your own pairs'

test: $(DEVELOPED)  ## all tests that need nothing but this checkout, on all cores
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

test-real: $(DEVELOPED)  ## long checks: real data, needs DRAGOMAN_REALDATA; torch.compile, needs a C++ compiler
	@test -n "$$DRAGOMAN_REALDATA" || { echo 'set DRAGOMAN_REALDATA to the folder of the real data'; exit 2; }
	$(BIN)/python -m pytest -m "real or compiled"

test-versions:  ## what touches transformers, with the oldest and the newest version of it; downloads some
	PYTHON=$(PYTHON) tests/versions.sh

lint: $(DEVELOPED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEVELOPED)
	$(BIN)/mypy

imports: $(DEVELOPED)
	$(BIN)/lint-imports

docs: $(INSTALLED)  ## write the recipe reference
	$(BIN)/python -m dragoman.recipe.reference

docs-check: $(INSTALLED)
	$(BIN)/python -m dragoman.recipe.reference --check

check: lint types imports docs-check  ## everything but the tests

bench: $(DEVELOPED)  ## side by side with the peers; an hour on an idle machine
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m benchmarks

clean:  ## remove what the tools leave behind; runs/ and .venv stay
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache src/*.egg-info
