"""The feed: the one process that talks to the broker, and the only writer of frames."""
