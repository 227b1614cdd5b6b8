"""The Swiss AI Center's wire contract: its messages, media types, tags and keys. No I/O."""
