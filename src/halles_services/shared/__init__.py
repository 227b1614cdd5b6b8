"""What several services use. Nothing here imports a service."""
