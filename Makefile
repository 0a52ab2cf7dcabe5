# Each duty is one command: `make` alone lists them.

PYTHON ?= python3
# What was not locked with its hash is not installed.
PIP_INSTALL := pip install -qq --disable-pip-version-check --require-hashes --requirement
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
# Much of the suite waits for real processes, so more of it runs at once than there are processors. Files start in the
# order of tests/conftest.py, which has the slow ones first.
PYTEST := pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup run serve test lint types format check chromium nginx structure bench-engine bench-pages bench-storage postmans-tests chaos bare-machine screenshots lock
.DEFAULT_GOAL := help

help:
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' Makefile

setup: .venv/.installed node_modules/.installed ## install everything that running needs
	@DEBUG=false python manage.py collectstatic --no-input --verbosity 0

run: .venv/.installed node_modules/.installed ## run Postwatch with a demo, on nothing but this folder (PORT=8000)
	@exec python -m config.demo

serve: setup ## run Postwatch with the settings of the environment, see docs/configuration.md
	@python manage.py migrate --no-input --verbosity 0
	@exec python -m config.processes

test: .venv/.installed-dev node_modules/.installed-dev chromium nginx ## run the whole test suite
	@$(PYTEST) $(ARGS)

lint: .venv/.installed-dev ## look for mistakes and for what is not formatted
	ruff check .
	ruff format --check .

types: .venv/.installed-dev ## check the types
	DEBUG=true mypy

format: .venv/.installed-dev ## format the code and fix what can be fixed
	ruff check --fix .
	ruff format .

check: lint types node_modules/.installed-dev chromium nginx ## lint, types, migrations and the whole test suite
	DEBUG=true python manage.py makemigrations --check --dry-run
	$(PYTEST) $(ARGS)

structure: .venv/.installed-dev ## measure the source; ARGS="--at REVISION" prints an earlier revision beside it
	@python -m tests.structure $(ARGS)

bench-storage: .venv/.installed-dev ## measure what a stored run takes on PostgreSQL
	@.venv/bin/python -m tests.bench.storage $(ARGS)

bench-engine: .venv/.installed-dev node_modules/.installed-dev ## compare the cost of a run with Newman's
	@python -m tests.bench.engine $(ARGS)

bench-pages: .venv/.installed-dev node_modules/.installed ## measure every page over a long history; needs PostgreSQL
	@python -m tests.bench.pages $(ARGS)

postmans-tests: .venv/.installed-dev node_modules/.installed var/postman-sandbox/node_modules ## run Postman's own tests of its script sandbox on ours
	@POSTMAN_SANDBOX_CHECKOUT=var/postman-sandbox pytest --capture no tests/monitors/runner/sandbox/test_postmans_own_tests.py

var/postman-sandbox:
	git clone --quiet --depth 1 --branch v6.7.2 https://github.com/postmanlabs/postman-sandbox $@

var/postman-sandbox/node_modules: | var/postman-sandbox .venv/.npm
	@cd var/postman-sandbox && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null

chaos: .venv/.installed-dev node_modules/.installed ## break everything and count incidents; needs PostgreSQL and Redis
	@python -m tests.chaos $(ARGS)

screenshots: .venv/.installed-dev node_modules/.installed chromium ## take the pictures of docs/images
	@python -m tests.screenshots $(ARGS)

lock: .venv/.installed-dev ## lock what the requirements*.in name, with all that they need
	$(UV_COMPILE) requirements.in --output-file requirements.txt $(ARGS)
	$(UV_COMPILE) requirements-dev.in --constraints requirements.txt --output-file requirements-dev.txt $(ARGS)
	$(UV_COMPILE) requirements-npm.in --output-file requirements-npm.txt $(ARGS)

bare-machine: .venv/.installed-dev ## clone, `make setup` and see a run with every broker and database
	@python -m tests.bare_machine

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Postwatch needs Python 3.11 or newer: point to one with \`make PYTHON=/path/to/python3.11 ...\`."; exit 1; }
	@echo "Installing Postwatch into .venv and node_modules. This happens once and takes a minute or two."
	@$(PYTHON) -m venv .venv

.venv/.installed: requirements.txt | .venv/bin/pip
	@$(PIP_INSTALL) requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@$(PIP_INSTALL) requirements-dev.txt
	@touch $@

# npm, where the machine has none or an old one, comes from PyPI with Node and goes into .venv as well.
.venv/.npm: | .venv/bin/pip
	@{ npm --version && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'; } >/dev/null 2>&1 || \
		$(PIP_INSTALL) requirements-npm.txt
	@touch $@

node_modules/.installed: package-lock.json | .venv/.npm
	@npm ci --omit=dev --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

node_modules/.installed-dev: package-lock.json | .venv/.npm
	@npm ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch node_modules/.installed $@

# The browser tests say that they are skipped where there is no Chromium (and fail where CI=true).
chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
		{ test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium >/dev/null; } || \
		echo "There is no Chromium, and it cannot be installed from here: the browser tests will be skipped."

# As with Chromium: without it the test of the proxy says that it is skipped, and fails where CI=true.
nginx:
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || \
		{ test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends nginx-light >/dev/null; } || \
		echo "There is no nginx, and it cannot be installed from here: the test of the proxy will be skipped."
