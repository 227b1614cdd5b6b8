"""Ways to call a service."""
