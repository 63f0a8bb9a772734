"""Slow, obvious versions of the analytics, written from the definitions and sharing no code with them."""
