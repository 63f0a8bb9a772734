"""The adapter for FYERS. No module outside this folder imports the SDK, which is loaded only when it is used.

The path of a number: socket_child -> decode -> parse_tick (stream) and client -> parse (polls) -> provider -> feed.
docs/fyers-wire.md says what we rely on and how each known trap is avoided.
"""
