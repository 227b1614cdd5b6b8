"""Where bytes, runs and pipelines live."""
