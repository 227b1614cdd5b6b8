"""The flagship pipelines, as YAML."""
