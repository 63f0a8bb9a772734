"""The web process: serves the board from the cache. Start it with `python -m dashboard.web`."""
