"""A recipe's stages, the run folder, and running them in order."""
