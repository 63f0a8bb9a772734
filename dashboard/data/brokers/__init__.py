"""Brokers: what a board asks of one, which there are, and an adapter for each."""
