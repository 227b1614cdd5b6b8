"""The services on the shelf: one folder a service, each with its card and its weights."""
