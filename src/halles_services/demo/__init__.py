"""A song of our own to try the flagship with: composed and sung by a script, free to use."""
