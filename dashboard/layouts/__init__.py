"""The components of the pages. These modules have builders only: no callback, no market data."""
