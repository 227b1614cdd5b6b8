"""Pictures from a brief or from words."""
