"""Logging in, and the access token."""
