"""What feed and web agree on: names of the cache's entries, and the bytes in them."""
