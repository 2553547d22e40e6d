"""The loop that finds the weights, and what it keeps."""
