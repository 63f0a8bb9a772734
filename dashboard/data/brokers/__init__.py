"""Brokers: their protocol, their registry, and an adapter for each."""
