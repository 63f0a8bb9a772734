"""Requests within the budget, and what their answers say."""
