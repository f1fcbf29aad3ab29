# Every target bootstraps what it needs: a machine with Python >= 3.11 and make is enough.
PYTHON ?= python3
BIN := .venv/bin
SEEDS ?= seeds

# Python compiles a module when it is first imported, and keeps the result: a third of what pip would compile.
export PYTHONDONTWRITEBYTECODE :=
# Of pip itself that would be 5 MB, hence -B.
PIP := $(BIN)/python -B -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help install run test lint format bench soak engines quality train lock clean

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "newsfeed needs Python 3.11 or newer: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment; on Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -B -m pip uninstall --quiet --quiet --yes setuptools  # Python 3.11 brings it; nothing needs it

.venv/installed: $(BIN)/python requirements-pip.lock requirements.lock pyproject.toml
	$(PIP) --no-compile --require-hashes -r requirements-pip.lock
	$(PIP) --no-compile --no-deps --require-hashes -r requirements.lock
	$(PIP) --no-compile --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	$(BIN)/python -m compileall -qq -j 0 .venv/lib || true  # what is not for this version of Python does not compile
	@touch $@

install: .venv/installed  ## set up .venv and nothing else

run: .venv/installed  ## start the whole service on ./seeds with an embedded Redis
	$(BIN)/newsfeed up --seeds $(SEEDS)

test: .venv/installed-dev  ## run all tests, architecture and coverage included
	$(BIN)/python -m pytest -n 3 --dist worksteal --cov --cov-report=term:skip-covered

quality: .venv/installed-dev  ## how good the enricher is, against its floors; reads ../shared/data-nlp if it is there
	$(BIN)/python -m quality $(if $(NEWSFEED_DATA_NLP),--data $(NEWSFEED_DATA_NLP))

train: .venv/installed-train  ## make the entity model anew from the data sets (NEWSFEED_DATA_NLP, or ../shared/data-nlp)
	MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=268435456 \
		$(BIN)/python -m services.enrich.training

.venv/installed-train: .venv/installed-dev
	$(PIP) --no-build-isolation --editable '.[train]'
	@touch $@

soak: .venv/installed-dev  ## run the long tests that `test` leaves out
	$(BIN)/python -m pytest -m soak --timeout=3600

# Let pip find a build for CPUs (PIP_FIND_LINKS) or say which it is: PyPI has only those for graphics cards, of several GB.
TORCH ?= torch==2.13.0
ENGINES := .venv/engines/bin

engines: .venv/installed-engines  ## run the tests of spaCy and GLiNER in an environment of their own (1.5 GB and more)
	$(ENGINES)/python -m pytest -m "not soak" --timeout=900 tests/integration/enrich/engines

.venv/installed-engines: requirements-pip.lock requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m venv .venv/engines  # what this brings stays out of where all other tests run
	$(subst $(BIN),$(ENGINES),$(PIP)) --no-compile --require-hashes -r requirements-pip.lock
	$(subst $(BIN),$(ENGINES),$(PIP)) --no-compile --require-hashes -r requirements-dev.lock
	$(subst $(BIN),$(ENGINES),$(PIP)) --no-compile '$(TORCH)'
	$(subst $(BIN),$(ENGINES),$(PIP)) --no-compile --no-build-isolation --editable '.[spacy,gliner]'
	@touch $@

lint: .venv/installed-dev  ## ruff, mypy and the layer rule
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev  ## let ruff rewrite what it can
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: .venv/installed-dev  ## ratios against baselines measured in the same run
	$(BIN)/python -m benchmarks

lock:  ## resolve the dependencies anew (needs uv)
	echo pip | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-pip.lock
	uv pip compile pyproject.toml --group build --excludes requirements-excluded.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --group dev --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-dev.lock

clean:  ## remove .venv, caches and build output; data under var/ stays
	rm -rf .venv .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
