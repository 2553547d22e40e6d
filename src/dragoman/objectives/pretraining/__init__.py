"""Raw text as something to learn from: tokenised shard by shard, packed into windows, masked anew in each epoch."""
