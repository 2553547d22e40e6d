"""Words that tests make sentences of."""

WORDS = [
    "the",
    "a",
    "man",
    "dog",
    "is",
    "was",
    "running",
    "in",
    "on",
    "park",
    "red",
    "blue",
    "hat",
    "with",
    "and",
    "two",
]
