"""A simulated FYERS on loopback: REST, symbol masters and the binary socket, on one port.

It is the market of the demo and the test bench of the feed. It speaks the wire of the real broker and shares no parser
with `dashboard.data`, so the same error cannot be in both. `python -m dashboard.sandbox` starts it.
"""
