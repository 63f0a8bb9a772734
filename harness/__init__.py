"""What tests and benchmarks share: processes to start, a browser page to look at, and values to fill them with."""
