.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench bench-lyrics bench-separation weights clean

PYTHON ?= python3
BIN := .venv/bin
SONG ?= src/halles_services/demo/song.opus
OUT ?= out/demo

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## Make .venv with all that is needed, and .venv/bin/halles

.venv/.ready: pyproject.toml uv.lock
	@test -x $(BIN)/uv || { echo "Making .venv …"; $(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --disable-pip-version-check uv; }
	$(BIN)/uv sync --frozen --compile-bytecode --extra services --extra server
	@touch $@

weights: setup ## Fetch all model files
	$(BIN)/halles weights pull

demo: weights ## Make album covers of the bundled song, into out/demo
	$(BIN)/halles run cover-art --input song=@$(SONG) --out $(OUT)
	@echo "Your covers are in $(OUT). Another song: make demo SONG=path/to/song.mp3 OUT=out/mine"

test: setup ## Run all tests, with real models
	$(BIN)/python -m pytest

check: setup ## Lint, formatting, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

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
	rm -rf .venv out dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
