"""Chainboard: a live option-chain board for Indian index and stock options."""
