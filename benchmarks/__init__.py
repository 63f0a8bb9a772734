"""What things cost, measured: `python -m benchmarks NAME…`. Each module offers `run(args)` and prints a table."""
