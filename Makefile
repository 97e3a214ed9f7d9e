# Every target works in a fresh clone with Python >= 3.11, git and make; what it needs it installs into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export DASEIN_DATA_DIR ?= .dasein
# Two processes leave tests of farms the time that they were promised; four save a tenth at most on two cores. 0: all in one.
AT_ONCE ?= 2
UI := web/ui
# Node.js of the system where it is new enough, else that of PyPI.
NODE_OK := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null
IN_UI := { $(NODE_OK) || export PATH="$(abspath $(BIN)):$$PATH"; } && cd $(UI)
# The repository root is the import root; nothing of ours is installed.
export PYTHONPATH := $(CURDIR)

# The sets that images are made of.
SHIPPED := web simulation query remforge gpu flower admin
# What reads compose files as Docker Compose does; the version is the newest that was tried.
COMPOSE_SPEC := github.com/compose-spec/compose-go/v2/cmd@v2.16.2

.DEFAULT_GOAL := help
.PHONY: help demo ui ui-test test check lint types imports ready up stores down key status firmware schema fuzz-api fuzz-lockstep test-kernel test-kernels load chaos soak size bench-simulation bench-farm bench-query bench-remforge bench-web bench-backup bench-kernel lock sbom audit clean

help: ## Show this list
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

demo: $(VENV)/.farm ## Set up, run the main job on embedded servers, print the verdict, leave the reports
	@$(BIN)/python -m deploy.demo

ui: $(UI)/dist/index.html ## Build the page that web serves at /app, with Node.js from the system or from PyPI

ui-test: $(UI)/node_modules/.stamp ## Check the page's types and run its unit tests
	@$(IN_UI) && npm run --silent types && npm test --silent

test: $(VENV)/.dev ## Set up and run every test
	@$(BIN)/python -m pytest -q -n $(AT_ONCE) --dist loadfile --no-loadscope-reorder
# Hundreds of processes are started: where the environment forbids to keep bytecode, each would compile all of ours again.
test ready: export PYTHONDONTWRITEBYTECODE :=

check: $(VENV)/.dev $(UI)/node_modules/.stamp ## Lint, types, import contracts and tests, those of the page too: what CI runs
	@$(MAKE) --no-print-directory -j 2 types lint imports ui-test ready
	@$(MAKE) --no-print-directory test

# What each of many processes would compile at the same time in a fresh clone: modules, and the kernels of a campaign.
# Whatever fails here fails in `make test` again, where it is told.
ready: $(VENV)/.dev
	@$(BIN)/python -m pytest -q --collect-only > /dev/null || :
	@$(BIN)/python -m pytest -q tests/workers/simulation/test_campaign.py -k unprotected > /dev/null || :

lint: $(VENV)/.dev ## Check style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev ## Check types
	@$(BIN)/mypy

imports: $(VENV)/.dev ## Check that imports run one way
	@$(BIN)/lint-imports

up: $(VENV)/.farm ## Start the whole farm on loopback: stores, web with its page, workers, Flower
	@$(MAKE) --no-print-directory ui || echo "The page could not be built (above); everything else works without it."
	@$(BIN)/python -m deploy.embedded up

stores: $(VENV)/.farm ## Start the embedded stores alone, as a restore needs them
	@$(BIN)/python -m deploy.embedded stores

down: $(VENV)/.farm ## Stop what `make up` started; data stays
	@$(BIN)/python -m deploy.embedded down

key: $(VENV)/.farm ## Make the first admin key of the farm; from then on only known callers are served
	@$(BIN)/python -m web.first_key

status: $(VENV)/.farm ## Say what is running
	@$(BIN)/python -m deploy.embedded status

firmware: $(VENV)/.farm ## Build the example firmware into build/firmware
	@$(BIN)/python -m renode.firmware.build

schema: $(VENV)/.farm ## Write the JSON Schemas of reports, records and campaigns and the table of roles, from their models
	@$(BIN)/python -m workers.simulation.report_schema
	@$(BIN)/python -m workers.simulation.campaign_schema
	@$(BIN)/python -m workers.remforge.rem_schema
	@$(BIN)/python -m web.role_table

fuzz-api: $(VENV)/.dev ## Fuzz the API of a real server against its own document; EXAMPLES a call and phase
	@$(BIN)/python -m tests.web.fuzzing $(or $(EXAMPLES),6)

fuzz-lockstep: $(VENV)/.dev ## Hunt for programs on which lanes differ from Unicorn, for SECONDS; one that does is cut down and kept
	@$(BIN)/python -m tests.renode.lockstep.fuzzing $(or $(SECONDS),600)

.PHONY: test-capture
test-capture: $(VENV)/.dev ## Run a farm here and its capture worker in a booted guest with the recorder, and kill both; minutes
	@$(BIN)/python -m pytest -q tests/kernel/whole_farm.py

test-kernel: $(VENV)/.dev ## Build the kernel module and try it in booted guests (Debian: needs its packages of headers and QEMU)
	@$(BIN)/python -m pytest -q tests/kernel

test-kernels: $(VENV)/.dev ## Do so for every kernel that Debian's mirror has, 5.10 to the newest: 2 GB to download, then ten guests
	@$(BIN)/python -m pytest -q tests/kernel/every_kernel.py

load: $(VENV)/.dev ## Load a farm with k6 (or Locust): users that come, 1,000 requests a second, a herd of long polls; SECONDS each
	@$(BIN)/python -m load --seconds $(or $(SECONDS),60)

chaos: $(VENV)/.dev ## Kill, stop, cut off, delay, fill and skew a farm under load for SECONDS, then audit all its jobs; SEED
	@$(BIN)/python -m tests.chaos --seconds $(or $(SECONDS),600) --seed $(or $(SEED),1)

soak: $(VENV)/.dev ## Load a farm for SECONDS and see whether any of its processes grows
	@$(BIN)/python -m tests.chaos.soak --seconds $(or $(SECONDS),1800)

size: $(VENV)/.dev firmware ## Run a campaign of TRACES, each of two workers killed once: equal digests, memory, progress
	@$(BIN)/python -m tests.chaos.size --traces $(or $(TRACES),10000000)

bench-simulation: $(VENV)/.bench firmware ## Measure tracer, statistics, campaigns, attacks and lanes, one JSON line per row
	@$(BIN)/python -m bench.tracer
	@$(BIN)/python -m bench.statistics
	@$(BIN)/python -m bench.campaign
	@$(BIN)/python -m bench.attacks
	@$(BIN)/python -m bench.lockstep
	@$(BIN)/python -m bench.execution_trace
	@$(BIN)/python -m bench.constant_time
	@$(BIN)/python -m bench.interchange
	@$(BIN)/python -m bench.profiling
	@$(BIN)/python -m bench.recorder
	@$(BIN)/python -m bench.renode
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench.sequential
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench.pairs

bench-farm: $(VENV)/.dev ## Measure the way of a job through the farm
	@$(BIN)/python -m bench.farm

bench-query: $(VENV)/.bench ## Measure questions: quality against peers, latency, ingestion, load
	@$(BIN)/python -m bench.query

bench-web: $(VENV)/.dev ## Measure the front door: requests a second, thousands of waiters, the page
	@$(BIN)/python -m bench.web

bench-remforge: $(VENV)/.dev ## Measure REMForge on the CPU: decoding, resident models, batching, cache, queue, memory
	@$(BIN)/python -m bench.remforge

bench-backup: $(VENV)/.dev ## Measure backups: seconds a GiB both ways, and how soon each lost store is there again
	@$(BIN)/python -m bench.backup

bench-kernel: $(VENV)/.dev ## Measure the recorder in the kernel, in a guest
	@$(BIN)/python -m bench.kernel

lock: ## Pin the newest allowed versions again
	@$(BIN)/pip install -q uv
	@for name in web simulation capture query remforge gpu flower admin farm ui dev bench; do $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		$$(case $$name in farm) echo --extra web --extra simulation --extra query --extra remforge --extra embedded --extra firmware;; web|simulation|capture|query|remforge|gpu) echo --extra $$name --extra telemetry;; *) echo --extra $$name;; esac) \
		pyproject.toml -o requirements/$$name.lock; done

sbom: build/tools/.stamp ## List what images and page are made of, as CycloneDX, in build/sbom
	@mkdir -p build/sbom
	@for name in $(SHIPPED); do build/tools/bin/cyclonedx-py requirements requirements/$$name.lock --output-reproducible \
		--output-format JSON --output-file build/sbom/$$name.cdx.json || exit 1; done
	@$(NODE_OK) || $(MAKE) --no-print-directory $(VENV)/.ui
	@$(IN_UI) && npm sbom --sbom-format cyclonedx --package-lock-only > $(CURDIR)/build/sbom/page.cdx.json

audit: build/tools/.stamp ## Ask PyPI's and npm's advisories about every package that is shipped
	@for name in $(SHIPPED); do echo "$$name:"; build/tools/bin/pip-audit --strict --no-deps --disable-pip -r requirements/$$name.lock || exit 1; done
	@$(NODE_OK) || $(MAKE) --no-print-directory $(VENV)/.ui
	@$(IN_UI) && npm audit --package-lock-only --audit-level=moderate

clean: ## Remove what was built, compiled kernels too; data in .dasein stays
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +
	@rm -rf build $(VENV) $(UI)/dist $(UI)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(UI)/dist/index.html: $(UI)/node_modules/.stamp $(UI)/index.html $(UI)/vite.config.ts $(UI)/tsconfig.json $(shell find $(UI)/src $(UI)/public -type f)
	@$(IN_UI) && npm run --silent types && npm run --silent build -- --logLevel warn
	@touch $@

$(UI)/node_modules/.stamp: $(UI)/package.json $(UI)/package-lock.json $(UI)/.npmrc
	@$(NODE_OK) || $(MAKE) --no-print-directory $(VENV)/.ui
	@$(IN_UI) && npm ci --silent
	@touch $@

$(VENV)/.ui: requirements/ui.lock | $(BIN)/python
	@echo "Installing Node.js into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

build/tools/.stamp: | $(BIN)/python
	@$(BIN)/python -m venv build/tools
	@build/tools/bin/pip install -q --disable-pip-version-check "cyclonedx-bom>=7.5,<8" "pip-audit>=2.10,<3"
	@touch $@

build/bin/compose-spec:
	@GOBIN=$(CURDIR)/build/bin go install $(COMPOSE_SPEC)
	@mv build/bin/cmd $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Dasein needs Python >= 3.11, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python came without its venv module (Debian: python3-venv)."; exit 1; }

# Each set contains the one before it, so a stamp is also good for what needs less.
$(VENV)/.farm: requirements/farm.lock | $(BIN)/python
	@test -e $(VENV)/.dev -a ! requirements/farm.lock -nt $(VENV)/.dev || { echo "Installing the farm into $(VENV) ..."; \
		$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $<; }
	@touch $@

$(VENV)/.dev: requirements/dev.lock | $(BIN)/python
	@echo "Installing the farm and its tools into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

$(VENV)/.bench: requirements/bench.lock | $(BIN)/python
	@echo "Installing the tools to compare with into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@
