# The commands of this repository. CONTRIBUTING.md gives the plain form of each.
SHELL := bash
.DEFAULT_GOAL := help

VENV := .venv
PYTHON := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check
BENCHMARKS ?= web ticks latency

RUN_ARGUMENTS := $(if $(HOST),--host "$(HOST)") $(if $(PORT),--port "$(PORT)") \
  $(if $(REPLAY),--replay "$(REPLAY)") $(if $(SPEED),--speed "$(SPEED)")

.PHONY: help run test check bench shots soak soak-wall clean packages

help:
	@echo 'make run     the board: demo, or live when there is a FYERS access token (PORT= HOST= REPLAY= SPEED=)'
	@echo 'make test    the whole suite; installs what it needs'
	@echo 'make check   format, lint, types, import contract'
	@echo 'make bench   benchmarks (BENCHMARKS="web ticks latency")'
	@echo 'make soak    a busy market with a fault every 20 s (MINUTES=30); the figures go into docs/reliability.md'
	@echo 'make soak-wall  a wall over 100,000 updates and a minute without server (UPDATES=)'
	@echo 'make shots   screenshots into docs/images/'
	@echo 'make clean   remove the environment and all caches'

run: $(RUNTIME)
	@exec $(PYTHON) app.py $(RUN_ARGUMENTS)

# Two passes: browser and wire tests live in real time, so no more than one of each may run at once; those of the wire mostly
# wait. What fails there is tried again, twice at most and reported as such: a busy machine can hold a browser up for seconds.
test: $(DEVELOPMENT) packages
	@status=0; \
	$(PYTHON) -m pytest -n 2 --dist loadfile -m 'not browser and not wire' $(PYTEST_ARGUMENTS) || status=1; \
	$(PYTHON) -m pytest -n 2 --dist loadscope -m 'browser or wire' --reruns 2 --reruns-delay 2 $(PYTEST_ARGUMENTS) || status=1; \
	exit $$status

check: $(DEVELOPMENT)
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports

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
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
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

$(RUNTIME): requirements.txt | $(PYTHON)
	@echo 'Installing requirements.txt'
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements.txt requirements-dev.txt | $(PYTHON)
	@echo 'Installing requirements-dev.txt'
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $(RUNTIME) $@

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
