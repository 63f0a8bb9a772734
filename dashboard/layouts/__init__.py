"""What the screen is made of. Builders only: no callback, no market data."""
