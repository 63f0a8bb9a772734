"""Symbol masters and the instruments in them."""
