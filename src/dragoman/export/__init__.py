"""Models for other programs, each replayed against the original before it is called done."""
