"""The speech-recognition service."""
