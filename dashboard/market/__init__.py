"""Words of the field as frozen values: instruments, ticks, chains, selections, errors. No I/O here."""
