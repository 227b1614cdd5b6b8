"""The voice-extraction service."""
