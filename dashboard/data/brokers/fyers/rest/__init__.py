"""REST: requests within the budget, and the parsing of their answers."""
