"""What a text feels and speaks about."""
