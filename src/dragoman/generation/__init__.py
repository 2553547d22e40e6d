"""Searching for an answer: greedy, beam, sampling."""
