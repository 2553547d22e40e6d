"""Documents and lines that occur more than once: the same ones, and nearly the same ones."""
