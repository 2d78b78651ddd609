# Needs Python 3.11 or newer, make and git. Everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
# What is never run need not be compiled: that takes as long as all the rest.
INSTALL = $(BIN)/python -m pip install --no-compile --disable-pip-version-check
# Every file that comes is one whose hash the lock knows, also those that build. pip takes no hash for what is editable,
# so that comes last; by then all of its requirements are there, but on a Python that needs more than the lock's.
LOCKED = $(INSTALL) --require-hashes --no-deps --requirement
EDITABLE = $(INSTALL) --quiet --no-build-isolation --editable
# What pip says, one short line a package: some minutes on a slow network must not be silent.
SHOWN = sed -n 's/^Collecting \([A-Za-z0-9_.-]*\).*/  \1/p; s/^Installing collected.*/  installing them/p'
# One more than there are cores: some tests only wait for a browser.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
.DEFAULT_GOAL := help

# Tests start many processes; without bytecode on disk each would compile everything anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup phone test faults mutants bench profile check lint format lock sbom image-steps clean deploy-check nginx openssl systemd promtool wrk chromium gettext screenshot

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

setup: .venv/.everything ## Build .venv with everything, tests included

phone: .venv/.runtime ## Hear whole calls in your browser; nobody is really called
	@echo "starting the phone (some seconds, on a busy machine more)"
	@$(BIN)/ivr phone --typed "make phone"

test: .venv/.everything chromium gettext ## Everything that has to hold: lint, types, imports, content, tests
	@$(MAKE) --no-print-directory --jobs=2 lint check CHECK=--all
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --cov=ivr.core --cov=ivr.telephony --cov-branch --cov-report=term:skip-covered --cov-fail-under=90

deploy-check: .venv/.everything nginx openssl systemd promtool ## Show deploy/ to the tools that will read it, some seconds
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest --tools tests/deploy

faults: .venv/.everything nginx ## Plant every fault in a running line, and ring 20,000 calls
	$(BIN)/pytest -n 2 --dist loadfile --all-faults tests/faults
	$(BIN)/pytest -n 2 --dist loadfile --all-faults -m long --ignore tests/faults tests

mutants: .venv/.everything ## Plant 100 small faults, one at a time, and tell which of them no test notices
	$(BIN)/python -m tests.mutants

bench: .venv/.everything .peers/.python .peers/.node nginx wrk ## Speed and memory beside a floor and what others write; ONLY=memory: a part
	$(BIN)/python -m tests.bench $(ONLY:%=--only %)

profile: .venv/.everything ## Where the microseconds of a webhook go
	$(BIN)/python -m tests.bench.profile

screenshot: .venv/.everything chromium ## Make the pictures of the README
	$(BIN)/python -m tests.browser.screenshot

check: .venv/.runtime ## Look for faults in prompts/
	$(BIN)/ivr check $(CHECK)

lint: .venv/.everything ## Format, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache > .venv/imports.txt || { cat .venv/imports.txt; false; }

format: .venv/.everything ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The second lock is a part of the first: pip-compile keeps the versions and hashes that its output has.
LOCK = $(BIN)/pip-compile --quiet --generate-hashes --build-deps-for editable --unsafe-package pip --strip-extras \
  --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: .venv/.everything ## Pin the newest versions that pyproject.toml allows, with the hashes of their files
	$(LOCK) --upgrade --extra dev --output-file requirements.lock pyproject.toml
	cp requirements.lock requirements-runtime.lock
	$(LOCK) --extra offline --output-file requirements-runtime.lock pyproject.toml

# In environments of their own: the tool is no part of what it lists, and no test needs it.
CYCLONEDX = cyclonedx-bom==7.5.0
sbom: requirements-runtime.lock pyproject.toml ## Write sbom.cdx.json: every package that the image holds beside the line itself
	@echo "installing the runtime packages and $(CYCLONEDX), once more, in .sbom"
	@rm -rf .sbom; $(PYTHON) -m venv .sbom/tool && $(PYTHON) -m venv --without-pip .sbom/line
	@.sbom/tool/bin/python -m pip install --quiet --disable-pip-version-check $(CYCLONEDX)
	@.sbom/tool/bin/python -m pip --python .sbom/line/bin/python install --quiet --disable-pip-version-check --no-compile \
	  --require-hashes --requirement requirements-runtime.lock
	.sbom/tool/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --output-file sbom.cdx.json \
	  .sbom/line/bin/python
	@rm -rf .sbom

image-steps: .venv/.everything ## Carry out the steps of the Dockerfile as they are written: fetch by hash, make every clip
	$(BIN)/pytest --index -m index tests/test_image.py

clean: ## Remove .venv and caches
	rm -rf .venv .peers .sbom .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

nginx:
	@command -v nginx >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nginx-light >/dev/null; } || \
	  { echo "The tests of two processes need nginx. On Debian, as root: apt-get install nginx-light"; false; }

openssl:
	@command -v openssl >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq openssl >/dev/null; } || \
	  { echo "The check of deploy/ needs openssl, for a certificate. On Debian, as root: apt-get install openssl"; false; }

systemd:
	@command -v systemd-analyze >/dev/null || { echo "installing systemd, which reads its units"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd >/dev/null; } || \
	  { echo "The check of deploy/ needs systemd-analyze. On Debian, as root: apt-get install systemd"; false; }

# Of Debian's package only the one program: installed whole, it would start a Prometheus here.
promtool: | .venv/bin/python
	@command -v promtool >/dev/null || test -x $(BIN)/promtool || { echo "fetching promtool, which reads rules of Prometheus"; \
	  rm -rf .venv/debian; mkdir .venv/debian; cd .venv/debian; get="apt-get download -qq -o APT::Sandbox::User=root prometheus"; \
	  { $$get 2>/dev/null || { apt-get update -qq && $$get; }; } && \
	  dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x --strip-components=3 -C ../bin ./usr/bin/promtool && rm prometheus_*.deb; } || \
	  { echo "The check of deploy/ needs promtool. On Debian, as root: apt-get install prometheus"; false; }

wrk:
	@command -v wrk >/dev/null || { echo "installing wrk, which asks for clips"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq wrk >/dev/null; } || \
	  { echo "The bench of clips needs wrk. On Debian, as root: apt-get install wrk"; false; }

chromium:
	@for browser in chromium chromium-browser google-chrome; do command -v $$browser >/dev/null && exit 0; done; \
	  echo "installing chromium for the browser tests"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
	  { echo "The browser tests need Chromium. On Debian, as root: apt-get install chromium"; false; }

gettext:
	@command -v msgfmt >/dev/null || { echo "installing gettext for the tests of PO files"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gettext >/dev/null; } || \
	  { echo "The tests of PO files need gettext. On Debian, as root: apt-get install gettext"; false; }

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ..."; false; }
	@echo "making .venv, where everything goes (half a minute)"
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "This Python cannot make a virtual environment; on Debian: apt-get install python3-venv"; false; }

.venv/.runtime: pyproject.toml requirements-runtime.lock | .venv/bin/python
	@echo "fetching and installing what the line needs, once (about a minute; on a slow network or machine several):"
	@rm -f $@; { $(LOCKED) requirements-runtime.lock && $(EDITABLE) '.[offline]' && touch $@; } | $(SHOWN); test -e $@

.venv/.everything: pyproject.toml requirements.lock | .venv/bin/python
	@echo "fetching and installing everything, tests included, once (about two minutes; on a slow network several):"
	@rm -f $@; { $(LOCKED) requirements.lock && $(EDITABLE) '.[dev]' && touch $@ .venv/.runtime; } | $(SHOWN); test -e $@

# What the bench compares with has an environment of its own: no test needs it.
.peers/.python: tests/bench/peers/requirements.txt
	@echo "installing the peers of the bench, once"
	@$(PYTHON) -m venv .peers
	@.peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement $< && touch $@

.peers/.node: tests/bench/peers/package.json | .peers/.python
	@if command -v npm >/dev/null; then \
	  cp $< .peers/ && npm install --prefix .peers --no-package-lock --no-audit --no-fund --silent && touch $@; \
	else echo "Express is left out: Node is not there"; fi
