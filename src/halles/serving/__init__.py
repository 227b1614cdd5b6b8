"""A service of ours alone behind the Swiss AI Center's contract."""
