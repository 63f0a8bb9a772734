"""Access control: password, signed cookies, headers, limits."""
