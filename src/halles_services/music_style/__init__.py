"""The music-style service."""
