# Everything is made from here; `make help` lists the targets.
# Needs Python >= 3.10, Node >= 20 and make. All that is installed stays in this folder.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# make PYTHON=python3.12 ... makes the environment with that Python.
PYTHON ?=
# make demo ARGS="--no-browser --port 8899" and the like.
ARGS ?=
# Many Python tests wait for another process: twice as many workers as cores keep these busy.
WORKERS ?= 4

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
UI_VENV := .venv-ui
UI_PY := $(UI_VENV)/bin/python
LOCK := requirements/constraints.txt
LABEXTENSION := jupyter_drive_sync/labextension

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export YARN_ENABLE_GLOBAL_CACHE := true
export YARN_ENABLE_TELEMETRY := false
export YARN_PREFER_AGGREGATE_CACHE_INFO := true
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

# Folders are listed too: theirs is the time that changes when a file goes.
BROWSER_SOURCES := $(shell find src style schema -name __tests__ -prune -o -print 2>/dev/null) \
	package.json yarn.lock tsconfig.json
PYTHON_SOURCES := $(shell find jupyter_drive_sync \
	\( -name labextension -o -name __pycache__ \) -prune -o -type f -print 2>/dev/null)
PACKAGING := pyproject.toml package.json install.json $(wildcard jupyter-config/*/*.json)

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
		while IFS='|' read -r target text; do printf '%-20s %s\n' "$$target" "$$text"; done

# --- What a person asks for ------------------------------------------------------------------

.PHONY: demo
demo: $(VENV)/.product ## Start JupyterLab on the example, linked to a folder that plays Drive
	@$(PY) scripts/demo.py $(ARGS)

.PHONY: test
test: quick test-python test-ui ## Run everything: lint, types, and all tests

# Each of these uses about one core.
TOGETHER := $(MAKE) -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: quick
quick: ## Run what needs neither rclone nor a browser: lint, types and jest
	@$(TOGETHER) lint-python lint-js test-js

.PHONY: test-python
test-python: $(VENV)/.product ## Run pytest (ARGS="-k name" and so on)
	$(PY) -m pytest -n $(WORKERS) --dist worksteal --timeout=300 $(ARGS)

.PHONY: test-js
test-js: node_modules/.ready ## Run jest
	jlpm test

.PHONY: test-ui
test-ui: $(UI_VENV)/.ready ui-tests/node_modules/.ready $(VENV)/.product ## Run the browser tests
	@$(PY) scripts/ensure_chromium.py
	$(PY) scripts/check_wheel.py $(UI_VENV)
	cd ui-tests && jlpm playwright test $(ARGS)

.PHONY: screenshots
screenshots: $(UI_VENV)/.ready ui-tests/node_modules/.ready $(VENV)/.product ## Take the pictures in docs/images anew
	@$(PY) scripts/ensure_chromium.py
	cd ui-tests && UPDATE_SCREENSHOTS=1 jlpm playwright test connectpictures.spec.ts pictures.spec.ts colab.spec.ts $(ARGS)

.PHONY: lint lint-python lint-js
lint: ## Run ruff, mypy, eslint, stylelint, prettier and tsc
	@$(TOGETHER) lint-python lint-js
lint-python: $(VENV)/.ready
	ruff check .
	ruff format --check .
	mypy
lint-js: node_modules/.ready ui-tests/node_modules/.ready
	jlpm lint:check
	node_modules/.bin/prettier --check "ui-tests/*.{js,json,ts}" "ui-tests/{fixtures,tests}/**/*.ts"
	cd ui-tests && jlpm lint:check

.PHONY: build
build: $(LABEXTENSION)/package.json ## Build the browser half, if its sources changed

.PHONY: wheel
wheel: dist/.ready ## Build the wheel into dist/
	@ls dist/*.whl

# Every file of tests that looks for DRIVE_SYNC_SOAK; figures.py sums them up at the end.
SOAK := $(addprefix tests/engine/test_,ledger.py race.py faults.py faults_processes.py open_life.py) \
	tests/server/test_crash.py tests/engine/test_plan_properties.py \
	tests/integration/test_ignore_like_git.py \
	$(addprefix tests/companion/test_,guard_cost.py runtime_end.py project.py environment_image.py \
	environment_published.py)

.PHONY: soak
soak: ## Run the random tests and the drill for much longer, whatever fails, and sum up what they met
	@$(MAKE) --keep-going soak-tests soak-drill

.PHONY: soak-tests
soak-tests: $(VENV)/.product
	DRIVE_SYNC_SOAK=1 $(PY) -m pytest -q -p tests.engine.figures -n 2 --dist worksteal \
		--timeout=1800 $(SOAK) $(ARGS)

.PHONY: soak-drill
soak-drill: $(UI_VENV)/.ready ui-tests/node_modules/.ready $(VENV)/.product ## End 50 machines of the Colab stand-in under a training that JupyterLab began
	@$(PY) scripts/ensure_chromium.py
	$(PY) scripts/check_wheel.py $(UI_VENV)
	cd ui-tests && DRIVE_SYNC_SOAK=1 jlpm playwright test drill.spec.ts

# Google's own lists: they are fetched, and skipped where they were not.
.PHONY: soak-images
soak-images: $(VENV)/.product ## Hold the libraries against all published images of Colab (ARGS="--from CLONE" without GitHub)
	$(PY) scripts/colab_images.py $(ARGS)
	DRIVE_SYNC_SOAK=1 $(PY) -m pytest -q -p tests.engine.figures -n 2 --dist loadgroup \
		--timeout=1800 tests/companion/test_environment_published.py

.PHONY: bench
bench: $(VENV)/.product ## Measure calls and seconds
	$(PY) -m benchmarks $(ARGS)

.PHONY: lock
lock: $(VENV)/.ready ## Renew requirements/constraints.txt (ARGS="--upgrade" for the newest)
	sh scripts/lock.sh $(PY) $(ARGS)

.PHONY: clean
clean: ## Remove all that was made here, the demo and the environments too
	rm -rf $(VENV) $(UI_VENV) .venv-lock .demo dist lib node_modules ui-tests/node_modules .yarn \
		ui-tests/.yarn ui-tests/test-results ui-tests/playwright-report $(LABEXTENSION) \
		coverage junit.xml .eslintcache .stylelintcache .hypothesis .mypy_cache .pytest_cache \
		.ruff_cache tsconfig.tsbuildinfo tsconfig.test.tsbuildinfo
	find jupyter_drive_sync tests scripts examples benchmarks ui-tests -name __pycache__ \
		-exec rm -rf {} +

# --- What that needs -------------------------------------------------------------------------

# With PYTHON given, look each time whether the environment is of that version.
$(VENV)/pyvenv.cfg: $(if $(PYTHON),FORCE)
	@sh scripts/venv.sh $(VENV) "$(PYTHON)"
FORCE:

$(VENV)/.ready: $(VENV)/pyvenv.cfg $(LOCK)
	@echo "Installing the development environment into $(VENV)"
	@$(PY) -m pip install -qq --no-deps -r $(LOCK)
	@$(PY) -m pip check
	@touch $@

# The product itself, editable: Python changes count at once, the rest is copied anew.
$(VENV)/.product: $(VENV)/.ready $(LABEXTENSION)/package.json $(PACKAGING)
	@SKIP_JUPYTER_BUILDER=1 $(PY) -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

node_modules/.ready: package.json yarn.lock .yarnrc.yml | $(VENV)/.ready
	@sh scripts/check_node.sh
	jlpm install --immutable
	@touch $@

ui-tests/node_modules/.ready: $(addprefix ui-tests/,package.json yarn.lock .yarnrc.yml) | $(VENV)/.ready
	@sh scripts/check_node.sh
	cd ui-tests && jlpm install --immutable
	@touch $@

$(LABEXTENSION)/package.json: node_modules/.ready $(BROWSER_SOURCES)
	jlpm build:prod
	@touch $@

dist/.ready: $(VENV)/.ready $(LABEXTENSION)/package.json $(PYTHON_SOURCES) $(PACKAGING) README.md LICENSE
	@rm -rf dist && mkdir dist
	SKIP_JUPYTER_BUILDER=1 $(PY) -m build --wheel --no-isolation --outdir dist .
	@touch $@

# A fresh environment with nothing but JupyterLab, for the wheel as a person would install it.
$(UI_VENV)/.base: $(VENV)/.ready
	@echo "Making $(UI_VENV)"
	@$(PY) -m venv --clear $(UI_VENV)
	@$(UI_PY) -m pip install -qq -c $(LOCK) jupyterlab notebook
	@touch $@

$(UI_VENV)/.ready: $(UI_VENV)/.base dist/.ready
	@$(UI_PY) -m pip uninstall -qq --yes jupyter_drive_sync
	@$(UI_PY) -m pip install -qq -c $(LOCK) dist/*.whl
	@touch $@
