"""Cleaning a corpus shard by shard: on this machine's cores or on a cluster, with the same bytes in the end."""
