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
# Two more than there are cores: some tests only wait for a browser, a database or a line.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
.DEFAULT_GOAL := help

# Tests start many processes; without bytecode on disk each would compile everything anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup phone test collected faults rehearsal sip mutants bench profile check lint format lock sbom image-steps clean deploy-check tools nginx prometheus blackbox postgresql faketime openssl systemd sipp baresip wrk chromium firefox gettext screenshot

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

setup: .venv/.everything ## Build .venv with everything, tests included

phone: .venv/.runtime ## Hear whole calls in your browser; nobody is really called
	@echo "starting the phone (some seconds, on a busy machine more)"
	@$(BIN)/ivr phone --typed "make phone"

# Temporary files of tests in memory, where there is room: databases are made and thrown away all the time.
IN_MEMORY = $(shell df --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 4000000 { print "TMPDIR=/dev/shm" }')

test: .venv/.everything chromium firefox gettext tools ## Everything that has to hold: lint, types, imports, content, tests
	@$(MAKE) --no-print-directory --jobs=2 lint check collected CHECK=--all
	$(IN_MEMORY) $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --cov=ivr.core --cov=ivr.telephony --cov-branch --cov-report=term:skip-covered --cov-fail-under=90

deploy-check: .venv/.everything tools ## Show deploy/ to the tools that will read it, some seconds
	$(BIN)/pytest tests/deploy

rehearsal: .venv/.everything tools ## Run deploy/ on this machine: updates under calls, and each alert fires and clears; four minutes
	$(BIN)/pytest --whole-rehearsal tests/rehearsal

faults: .venv/.everything nginx ## Plant every fault in a running line, and ring 20,000 calls
	$(BIN)/pytest -n 2 --dist loadfile --all-faults tests/faults
	$(BIN)/pytest -n 2 --dist loadfile --all-faults -m long --ignore tests/faults tests

# First alone what is measured; then all else at once, as it mostly waits: the longest call first.
sip: .venv/.everything sipp baresip ## Let telephones ring the line in real time: 20 calls at once, 500 in a row, ten golden calls; six minutes
	$(BIN)/pytest --telephones -m sip tests/sip/test_schedule.py
	$(BIN)/pytest --telephones -m sip -n 4 --dist load --maxschedchunk 1 --ignore tests/sip/test_schedule.py tests/sip/test_silence.py tests/sip

mutants: .venv/.everything ## Plant 100 small faults, one at a time, and tell which of them no test notices
	$(BIN)/python -m tests.mutants

bench: .venv/.everything .peers/.python .peers/.node nginx wrk ## Speed and memory beside a floor and what others write; ONLY=memory: a part
	$(BIN)/python -m tests.bench $(ONLY:%=--only %)

profile: .venv/.everything ## Where the microseconds of a webhook go
	$(BIN)/python -m tests.bench.profile

screenshot: .venv/.everything chromium ## Make the pictures of the README
	$(BIN)/python -m tests.browser.screenshot

# Compiles what the tests are and import, while mypy leaves a core idle: else every worker would, at the same time.
collected: .venv/.everything
	@$(BIN)/pytest --collect-only > .venv/collected.txt || { tail -n 50 .venv/collected.txt; false; }

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
	$(LOCK) --extra offline --extra office --extra postgresql --output-file requirements-runtime.lock pyproject.toml

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

tools: nginx prometheus blackbox postgresql faketime openssl systemd sipp baresip ## Bring the servers and tools that tests run, where it is missing (Debian, as root)

# $(call fetched,programs,package): of Debian's package only these; installed whole, it would start a server here.
define fetched
@for program in $(1); do PATH="$$PATH:/usr/sbin" command -v $$program >/dev/null || test -x $(BIN)/$$program || missing=yes; done; \
  test -z "$$missing" || { echo "fetching $(1)"; rm -rf .venv/debian; mkdir .venv/debian; cd .venv/debian; \
  get="apt-get download -qq -o APT::Sandbox::User=root $(2)"; { $$get 2>/dev/null || { apt-get update -qq && $$get; }; } && \
  dpkg-deb --extract $(2)_*.deb . && for program in $(1); do mv usr/*bin/$$program ../bin/ || exit; done && cd .. && rm -r debian; } || \
  { echo "The tests need $(1). On Debian, as root: make tools. Elsewhere: install $(2)"; false; }
endef

# $(call installed,program,package,what for)
define installed
@command -v $(1) >/dev/null || { echo "installing $(2), for $(3)"; \
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(4) $(2) >/dev/null; } || \
  { echo "$(1) is missing, for $(3). On Debian, as root: apt-get install $(2)"; false; }
endef

nginx: | .venv/bin/pip
	$(call fetched,nginx,nginx)

prometheus: | .venv/bin/pip
	$(call fetched,prometheus promtool,prometheus)

blackbox: | .venv/bin/pip
	$(call fetched,prometheus-blackbox-exporter,prometheus-blackbox-exporter)

# Its programs find their own files by where they lie, so the whole tree of the package stays together; of what it needs
# only libraries and time zones are installed, which start nothing (and not LLVM, which is large and not needed).
INITDB := usr/lib/postgresql/*/bin/initdb
CLIENT := usr/lib/postgresql/*/bin/pg_dump
postgresql: | .venv/bin/python
	@{ command -v initdb && command -v pg_dump && command -v psql; } >/dev/null || \
	  test -n "$(foreach tree,/ .venv/postgresql/,$(and $(wildcard $(tree)$(INITDB)),$(wildcard $(tree)$(CLIENT))))" || { echo "fetching postgresql"; \
	  rm -rf .venv/postgresql .venv/debian; mkdir .venv/debian; cd .venv/debian; \
	  server() { apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: \(postgresql-[0-9]*\)$$/\1/p'; }; \
	  get() { test -n "$$(server)" && apt-get download -qq -o APT::Sandbox::User=root $$(server) $$(server | sed s/-/-client-/); }; \
	  { get 2>/dev/null || { apt-get update -qq && get; }; } && for deb in postgresql-*.deb; do dpkg-deb --extract $$deb . || exit; done && \
	  { ! ldd usr/lib/postgresql/*/bin/postgres usr/lib/postgresql/*/bin/psql $(INITDB) $(CLIENT) | grep -q 'not found' && test -d /usr/share/zoneinfo || \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends >/dev/null $$(for deb in postgresql-*.deb; do dpkg-deb --field $$deb Depends; done | \
	      tr , '\n' | sed -n '/llvm/d; s/^ *\(lib[^ ]*\|tzdata\).*/\1/p'); } && \
	  rm -rf *.deb usr/lib/postgresql/*/lib/bitcode usr/share/doc usr/share/locale && cd .. && mv debian postgresql; } || \
	  { echo "The tests need PostgreSQL. On Debian, as root: make tools. Elsewhere: install it, with initdb, pg_dump and psql in PATH"; false; }

# A library by which a program has another clock; so the whole tree of the package stays together too.
FAKETIME := usr/lib/*/faketime/libfaketimeMT.so.1
faketime: | .venv/bin/python
	@test -n "$(wildcard /$(FAKETIME) .venv/faketime/$(FAKETIME))" || { echo "fetching libfaketime"; \
	  rm -rf .venv/faketime .venv/debian; mkdir .venv/debian; cd .venv/debian; \
	  get="apt-get download -qq -o APT::Sandbox::User=root libfaketime"; { $$get 2>/dev/null || { apt-get update -qq && $$get; }; } && \
	  dpkg-deb --extract libfaketime_*.deb . && rm -rf *.deb && cd .. && mv debian faketime; } || \
	  { echo "The tests need libfaketime. On Debian, as root: make tools. Elsewhere: install it"; false; }

openssl:
	$(call installed,openssl,openssl,certificates)

systemd:
	$(call installed,systemd-analyze,systemd,reading units,--no-install-recommends)

sipp:
	$(call installed,sipp,sip-tester,the tests with telephones,--no-install-recommends)

baresip:
	$(call installed,baresip,baresip-core,the tests with telephones,--no-install-recommends)

# The tests of the listening room record in it too.
firefox:
	@for browser in firefox-esr firefox; do command -v $$browser >/dev/null && exit 0; done; \
	  echo "installing firefox-esr for the browser tests"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends firefox-esr >/dev/null; } || \
	  { echo "The browser tests need Firefox. On Debian, as root: apt-get install firefox-esr"; false; }

wrk:
	$(call installed,wrk,wrk,the bench of clips)

gettext:
	$(call installed,msgfmt,gettext,the tests of PO files)

# What speaks with Chromium is a Node of its own. It needs libatomic1, which a small Debian lacks and Chromium does not bring.
chromium:
	@for browser in chromium chromium-browser google-chrome; do command -v $$browser >/dev/null && \
	    $(BIN)/python -m playwright --version >/dev/null 2>&1 && exit 0; done; \
	  echo "installing chromium for the browser tests"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium libatomic1 >/dev/null; } || \
	  { echo "The browser tests need Chromium. On Debian, as root: apt-get install chromium libatomic1"; false; }

# pip comes last into it: where that was interrupted, it is made again.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ..."; false; }
	@echo "making .venv, where everything goes (half a minute)"
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "This Python cannot make a virtual environment; on Debian: apt-get install python3-venv"; false; }

.venv/.runtime: pyproject.toml requirements-runtime.lock | .venv/bin/pip
	@echo "fetching and installing what the line needs, once (about a minute; on a slow network or machine several):"
	@rm -f $@; { $(LOCKED) requirements-runtime.lock && $(EDITABLE) '.[offline]' && touch $@; } | $(SHOWN); test -e $@

.venv/.everything: pyproject.toml requirements.lock | .venv/bin/pip
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
