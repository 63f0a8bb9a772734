"""The data: broker adapters, the feed, the cache, and the queries of the pages."""
