"""The socket: its child process, its protocol, its decoder."""
