# make setup · run · test · export · bench · known-results · lint · clean. Each runs the setup first if needed.

PYTHON ?= python3
PORT ?= 8501
HOST ?= 127.0.0.1
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
WORKERS ?= 3
DIR ?= build/site

BIN := .venv/bin
READY := .venv/.ready
# Modules are compiled at their first use: most are never used, and compiling them all takes longer
# than the rest of the setup. So compiled modules must be kept, whatever the environment says.
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-compile
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup run test tests export bench known-results lint style types browser clean
.DEFAULT_GOAL := setup

setup: $(READY)

# Two steps, which avoids gigabytes of CUDA: only torch may come from PyTorch's CPU index. All other
# packages never ask that index, which would be slow where it is blocked.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	$(PYTHON) -m venv .venv
	$(PIP) --retries 1 --no-deps --extra-index-url $(TORCH_INDEX) -c constraints.txt torch
	$(PIP) -c constraints.txt -e '.[dev]'
	touch $@

run: $(READY)
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.address $(HOST)

# Static pages with the lessons and every trained model; DIR=… chooses the folder.
export: $(READY)
	$(BIN)/gatesviz export $(DIR)

lint: style types

style: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

# The types are checked beside the tests: mypy uses one core for a minute.
test: style browser
	@$(MAKE) --no-print-directory -j2 types tests

# One worker more than a small machine has cores: tests wait for servers, browsers and processes.
# Files run in their order, so the slow browser tests do not come last and leave a core idle.
tests: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Without a browser its tests are skipped with a message; with GATESVIZ_REQUIRE_BROWSER=1 they fail.
browser: $(READY)
	@for name in "$${CHROMIUM:-chromium-headless-shell}" chromium chromium-browser google-chrome; do \
	    if command -v "$$name" >/dev/null; then exit 0; fi; \
	done; \
	$(BIN)/python -m playwright install chromium \
	|| echo "*** NO BROWSER: none found, none could be installed; the browser tests are skipped ***"

bench: $(READY)
	for file in benchmarks/*.py; do OMP_NUM_THREADS=1 $(BIN)/python $$file || exit 1; done

# Takes a few minutes the first time; finished runs are stored. Fails if a known result fails.
known-results: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/gatesviz known-results

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
