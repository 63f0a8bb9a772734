"""Recorded chains: recorder, reader and replay. A seam so far: the feed publishes, nothing records yet."""
