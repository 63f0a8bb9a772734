"""The asking side: what a screen may ask, answered from the cache."""
