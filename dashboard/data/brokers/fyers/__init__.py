"""Everything that knows FYERS. Nothing outside this folder imports the SDK, and the SDK is loaded only when used.

The way of a number: socket_child -> decode -> parse (stream) and rest -> parse (polls) -> provider -> feed.
docs/fyers-wire.md says what we rely on and where each known pitfall is answered.
"""
