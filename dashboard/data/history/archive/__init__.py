"""Finished days as Parquet, in a process of its own: only that one loads pyarrow."""
