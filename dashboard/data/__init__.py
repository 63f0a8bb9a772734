"""Where numbers come from: broker adapters, the feed, the cache, and the questions a screen may ask."""
