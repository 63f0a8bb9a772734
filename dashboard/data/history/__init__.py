"""What was published, kept: chains as they were received, to be computed again as of any recorded moment."""
