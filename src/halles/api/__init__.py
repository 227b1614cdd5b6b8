"""The HTTP door: routes without logic of their own."""
