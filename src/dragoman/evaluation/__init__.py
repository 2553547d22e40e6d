"""Scores and sample tables."""
