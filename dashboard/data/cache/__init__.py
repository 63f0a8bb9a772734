"""The cache between feed and web: bytes and integers only."""
