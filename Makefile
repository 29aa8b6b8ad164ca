# Quanyu. Every target prints what it does; `make run` and `make test` work on a fresh machine.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# Without compiled modules every start compiles everything anew: four seconds more.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
DEMO ?= 1
TOOLS := .tools
# uv from the machine if it has one, else a private copy from PyPI.
UV := $(shell command -v uv 2>/dev/null || echo $(TOOLS)/bin/uv)
RUN := $(UV) run --no-sync
SYNC = $(UV) sync --quiet --frozen $(if $(filter yes,$(NODE_OK)),,--group node)
# Node from the machine if it is recent enough, else the one PyPI ships.
NODE_OK := $(shell node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null && echo yes)

.PHONY: help env console console-test run dev test sim check lint format types imports bench sandbox-coverage migrate e2e-setup clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(TOOLS)/bin/uv:
	@echo "→ installing uv into $(TOOLS)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; choose one with PYTHON=…")'
	@$(PYTHON) -m venv $(TOOLS) && $(TOOLS)/bin/pip install --quiet --disable-pip-version-check uv

.venv/.synced: pyproject.toml uv.lock | $(filter $(TOOLS)/bin/uv,$(UV))
	@echo "→ creating the Python environment from uv.lock"
	@$(SYNC)
	@touch $@

env: .venv/.synced ## Create the environment from the lock file

web/node_modules/.installed: web/package-lock.json | .venv/.synced
	@echo "→ installing the console's packages"
	@cd web && $(NPM) ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

NPM = $(if $(filter yes,$(NODE_OK)),npm,PATH="$(CURDIR)/.venv/bin:$$PATH" npm)

web/dist/.built: web/node_modules/.installed $(shell find sdk web/src web/public web/scripts web/index.html web/sidebar.html web/vite.config.ts web/tsconfig.json -type f 2>/dev/null)
	@echo "→ building the console"
	@cd web && $(NPM) run --silent build > dist.log 2>&1 || { cat dist.log; exit 1; }
	@rm web/dist.log && touch $@

console: web/dist/.built ## Build the console

console-test: web/node_modules/.installed ## The console's own unit tests
	@cd web && NO_COLOR=1 $(NPM) run --silent test -- --reporter=dot

run: env console ## Run the platform with a simulated brand (DEMO=0: an empty brand)
	@# Not through uv: it would pass a Ctrl-C on a second time, and the second one means "at once".
	@.venv/bin/quanyu up $(if $(filter 0,$(DEMO)),--no-demo,--demo)

dev: env web/node_modules/.installed ## Run the API with the console's development server beside it
	@trap 'kill 0' EXIT; (cd web && $(NPM) run --silent dev) & .venv/bin/quanyu up --demo

SDKS := tests/contract/conformance/node
$(SDKS)/node_modules/.installed: $(SDKS)/package-lock.json | .venv/.synced
	@echo "→ installing the Node SDKs that the contract tests run"
	@cd $(SDKS) && $(NPM) ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

# Of its own: two releases of wechatpy bear one name, and cannot be in one environment.
WORK_SDK := $(TOOLS)/wechatpy-work
$(WORK_SDK)/.installed: Makefile | .venv/.synced
	@echo "→ installing wechatpy 2 for the contract tests of 企业微信"
	@$(UV) venv --quiet --clear --python .venv/bin/python $(WORK_SDK)
	@$(UV) pip install --quiet --python $(WORK_SDK)/bin/python wechatpy==2.0.0a26
	@touch $@

e2e-setup: env console $(SDKS)/node_modules/.installed $(WORK_SDK)/.installed
	@$(RUN) python tests/support/ensure_chromium.py

test: e2e-setup console-test ## Set up everything and pass all tests
	@$(RUN) pytest -n 3 --dist loadfile --no-loadscope-reorder

sim: env ## Play journeys through deaths of processes and moods of the channel (SEEDS=500, or SEED=17)
	@$(RUN) pytest -q -s -n 0 tests/simulation/journeys

check: env lint types imports console-test ## The fast loop: lint, types, layers, fast tests
	@$(RUN) pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not browser" tests/unit tests/property tests/architecture

lint: env ## Style and common mistakes
	@$(RUN) ruff check . && $(RUN) ruff format --check .

format: env ## Rewrite the code in house format
	@$(RUN) ruff check --fix-only . && $(RUN) ruff format .

types: env ## Strict types
	@$(RUN) mypy

imports: env ## The layers of the house
	@$(RUN) lint-imports

bench: env ## Measure, and write the table into docs/explanation/performance.md
	@$(SYNC) --group bench
	@$(RUN) python -m bench

sandbox-coverage: e2e-setup ## Run the SDKs and write docs/reference/sandbox-coverage.md
	@QUANYU_SAVE_COVERAGE=1 $(RUN) pytest -q -n 2 --dist loadfile --no-loadscope-reorder tests/contract/conformance \
		tests/contract/wecom/test_every_call.py tests/contract/pay/test_every_call.py
	@$(RUN) python scripts/generate_sandbox_coverage.py

migrate: env ## Bring both schemas of QUANYU_DATA up to date
	@$(RUN) quanyu migrate

clean: ## Remove what was built, not your data
	@rm -rf .venv .tools web/node_modules web/dist $(SDKS)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
