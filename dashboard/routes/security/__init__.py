"""Who may see the board: password, signed cookies, headers, limits."""
