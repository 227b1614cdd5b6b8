.DEFAULT_GOAL := help
.PHONY: help setup web client pictures demo train sweep report storage fetch keep register promote rollout test test-web test-mlops screenshots check format bench bench-lyrics bench-separation weights clean

PYTHON ?= python3
BIN := .venv/bin
SONG ?= src/halles_services/demo/song.opus
OUT ?= out/demo
# The system's certificates, because company networks have their own.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" NODE_OPTIONS=--use-system-ca npm --prefix web --no-fund --no-audit
EXTRAS := --extra services --extra server
IN_TRAINING := cd training/music_style && PATH="$(CURDIR)/$(BIN):$$PATH"
DVC := $(IN_TRAINING) dvc
SITE := src/halles/api/static/index.html

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready $(SITE) ## Make .venv with all that is needed, .venv/bin/halles, and the web application

.venv/.ready: pyproject.toml uv.lock
	@test -x $(BIN)/uv || { echo "Making .venv …"; $(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --disable-pip-version-check uv; }
	$(BIN)/uv sync --frozen --compile-bytecode $(EXTRAS) $(if $(wildcard .venv/.train),--extra train)
	@touch $@

.venv/.train: .venv/.ready
	$(BIN)/uv sync --frozen --compile-bytecode $(EXTRAS) --extra train
	@touch $@

web/node_modules/.ready: web/package-lock.json .venv/.ready
	@echo "Fetching what the web application is built with …"
	@$(NPM) ci --loglevel=error
	@touch $@

$(SITE): web/node_modules/.ready web/index.html web/vite.config.ts $(shell find web/src web/public -type f)
	@echo "Building the web application …"
	@$(NPM) run --silent build

web: $(SITE) ## Build the web application

weights: setup ## Fetch all model files
	$(BIN)/halles weights pull

demo: weights ## Make album covers of the bundled song, into out/demo
	$(BIN)/halles run cover-art --input song=@$(SONG) --out $(OUT)
	@echo "Your covers are in $(OUT). Another song: make demo SONG=path/to/song.mp3 OUT=out/mine"
	@echo "In the browser: $(BIN)/halles serve, then http://127.0.0.1:8000"

test: setup ## Run all tests, with real models
	$(BIN)/python -m pytest

test-mlops: setup .venv/.train ## Test the training and its loop: DVC, a real S3 server, tracking
	$(BIN)/python -m pytest tests/mlops

train: .venv/.train ## Train the music-style model: every stage whose data, code or parameters changed
	@$(IN_TRAINING) python repro.py --note "$$NOTE" $(REPRO)

sweep: .venv/.train ## Try the parameters of training/music_style/sweep.yaml, and track each trial
	@$(IN_TRAINING) python sweep.py

report: .venv/.train ## Compare the training runs: training/music_style/out/report.html and report.md
	@$(IN_TRAINING) python report.py

storage: .venv/.train ## Say where data and models are kept in versions: make storage PLACE=s3://BUCKET/PREFIX
	@$(IN_TRAINING) python remote.py "$$PLACE"

fetch: .venv/.train ## Get from that place what belongs to this state of the code
	@$(DVC) pull --run-cache --allow-missing

keep: .venv/.train ## Keep data, models and what every stage made in that place
	@$(DVC) push --run-cache

register: .venv/.train ## Put the trained model into the registry, as the candidate
	@$(IN_TRAINING) python release.py register --note "$$NOTE"

promote: .venv/.train ## Put it into production if the gate lets it; if not, say why
	@$(IN_TRAINING) python release.py promote --reason "$$REASON"

rollout: .venv/.train ## Wait until the server of HALLES_SERVER answers with what is in production
	@$(IN_TRAINING) python release.py rollout

client: .venv/.ready ## Make the web application's client anew from the API
	$(BIN)/python -m halles.api > web/openapi.json
	$(NPM) run client

pictures: weights ## Draw the services' pictures anew, of what they make of the demo song by a server on port 8000
	@browser="$$(cd web && ../$(BIN)/node e2e/chromium.mjs)" && cd web && HALLES_CHROMIUM="$$browser" ../$(BIN)/node pictures/make.mjs

test-web: weights ## Test the web application: its parts, and in a real browser on a real server
	$(NPM) test
	@browser="$$(cd web && ../$(BIN)/node e2e/chromium.mjs)" && HALLES_CHROMIUM="$$browser" $(NPM) run --silent e2e

screenshots: weights ## Photograph every page of the web application into docs/screenshots
	@browser="$$(cd web && ../$(BIN)/node e2e/chromium.mjs)" && HALLES_CHROMIUM="$$browser" $(NPM) run --silent screenshots

check: setup ## Lint, formatting, types, layers, known weaknesses
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	MYPYPATH=training/music_style $(BIN)/mypy --explicit-package-bases training/music_style
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive src --configfile pyproject.toml
	@mkdir -p out; $(BIN)/pip-audit --progress-spinner off --skip-editable > out/audit.txt 2>&1 && echo "pip-audit: nothing known; $$(grep -c "could not be audited" out/audit.txt) packages could not be looked up" || \
	  { ! grep -i "known vulnerabilit" out/audit.txt && echo "pip-audit: the index cannot be asked, nothing was audited"; }
	$(NPM) run check

format: setup ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup ## Measure everything, print tables, write out/bench.json
	$(BIN)/python -m bench --json out/bench.json

bench-lyrics: setup ## Word error rates, song by song, beside plain Whisper
	$(BIN)/python -m bench.lyrics

bench-separation: setup ## Signal-to-distortion ratios of the voice extraction
	$(BIN)/python -m bench.separation

clean: ## Delete what can be made again
	rm -rf .venv web/node_modules src/halles/api/static out dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
