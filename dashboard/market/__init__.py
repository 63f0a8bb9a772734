"""Frozen values of the field: instruments, ticks, chains, selections, errors. No module here does I/O."""
