"""Going out to addresses that somebody else named."""
