"""The conformance kit: plays the engine against a service, and reports clause by clause."""
