"""Published lists of rules, each as a recipe would write it."""

from __future__ import annotations

from typing import Any

from dragoman.recipe.schema.rules import Rules

ENGLISH_WORDS = ["the", "be", "to", "of", "and", "that", "have", "with"]
GERMAN_WORDS = [
    "der", "und", "die", "in", "von", "im", "den", "des", "mit", "das", "er", "dem", "als", "wurde", "für",
]  # fmt: skip
STOP_WORDS = {"min": 2, "words": {"en": ENGLISH_WORDS, "de": GERMAN_WORDS}}

BOILERPLATE = [
    "accept all cookies", "uses cookies", "use of cookies", "cookie policy", "privacy policy", "terms of use",
    "terms of service", "terms and conditions", "all rights reserved", "javascript", "click here", "sign up for",
    "subscribe to our", "share on facebook", "share on twitter", "skip to content", "skip to main content",
    "alle cookies akzeptieren", "verwendet cookies", "verwenden cookies", "verwendung von cookies",
    "cookie-einstellungen", "datenschutzerklärung", "nutzungsbedingungen", "allgemeine geschäftsbedingungen",
    "alle rechte vorbehalten", "hier klicken", "klicken sie hier", "newsletter abonnieren", "jetzt anmelden",
    "jetzt registrieren", "auf facebook teilen", "auf twitter teilen", "zum inhalt springen", "in den warenkorb",
]  # fmt: skip

# Rae et al. 2021, arXiv 2112.11446, section A.1.1 and table A1. The stop words and the mean length of German words,
# of which the paper does not speak, are those of FineWeb-2.
GOPHER: dict[str, Any] = {
    "word_count": {"min": 50, "max": 100_000},
    "mean_word_length": {"min": 3, "max": 10, "languages": {"de": {"max": 15}}},
    "alphabetic_words": {"min": 0.8},
    "stop_words": STOP_WORDS,
    "hash_ratio": {"max": 0.1},
    "ellipsis_ratio": {"max": 0.1},
    "bullet_lines": {"max": 0.9},
    "ellipsis_lines": {"max": 0.3},
    "duplicate_lines": {"max": 0.3},
    "duplicate_line_characters": {"max": 0.2},
    "duplicate_paragraphs": {"max": 0.3},
    "duplicate_paragraph_characters": {"max": 0.2},
    "top_2gram": {"max": 0.2},
    "top_3gram": {"max": 0.18},
    "top_4gram": {"max": 0.16},
    "duplicate_5grams": {"max": 0.15},
    "duplicate_6grams": {"max": 0.14},
    "duplicate_7grams": {"max": 0.13},
    "duplicate_8grams": {"max": 0.12},
    "duplicate_9grams": {"max": 0.11},
    "duplicate_10grams": {"max": 0.1},
}

# Raffel et al. 2020, JMLR 21/140, section 2.2, and the phrases of its published code.
C4: dict[str, Any] = {
    "line_longest_word": {"max": 1000},
    "line_end": {"marks": [".", "?", "!", '"']},
    "line_words": {"min": 3},
    "line_phrases": {
        "phrases": [
            "javascript", "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies",
            "use cookies",
        ],
    },
    "sentence_count": {"min": 5},
    "curly_brackets": {"max": 0},
    "phrases": {"max": 0, "phrases": ["lorem ipsum"]},
}  # fmt: skip

# Penedo et al. 2024, arXiv 2406.17557, section 3.5.
FINEWEB: dict[str, Any] = {
    "punctuated_lines": {"min": 0.12},
    "lines_up_to_30": {"max": 0.67},
    "newline_ratio": {"max": 0.3},
    "duplicate_line_characters": {"max": 0.01},
}

# Penedo et al. 2025, arXiv 2506.20920: Gopher's rules with thresholds for German. Its share of words with letters is
# for tokens of which punctuation is one; .8 is the same for words between white space.
FINEWEB2_DE: dict[str, Any] = GOPHER | {
    "mean_word_length": {"min": 3, "max": 15},
    "duplicate_lines": {"max": 0.263},
    "top_2gram": {"max": 0.169},
    "top_3gram": {"max": 0.153},
    "top_4gram": {"max": 0.137},
    "duplicate_5grams": {"max": 0.141},
    "duplicate_6grams": {"max": 0.134},
    "duplicate_7grams": {"max": 0.126},
    "duplicate_8grams": {"max": 0.117},
    "duplicate_9grams": {"max": 0.108},
    "duplicate_10grams": {"max": 0.098},
}

# What OSCAR 22.01 marks documents with (Abadji et al. 2022, arXiv 2201.06642, section 4.2), taken as reasons to go.
OSCAR_ANNOTATIONS: dict[str, Any] = {
    "line_count": {"min": 5},
    "lines_up_to_100": {"max": 0.5},
    "short_header": {"max": 0.5},
    "short_footer": {"max": 0.5},
    "other_characters": {"max": 0.5},
}

# For a model from scratch on OSCAR in English and German. A suspicious phrase costs its line, and only where that line
# is as short as notices are; what is left is measured.
FROM_SCRATCH_JOB: dict[str, Any] = {
    "line_phrases": {"phrases": BOILERPLATE, "longest": 200},
    "character_count": {"min": 384},
    "word_count": {"min": 100},
    "mean_word_length": {"min": 3, "max": 12, "languages": {"de": {"max": 15}}},
    "alphabetic_words": {"min": 0.75},
    "digits": {"max": 0.18},
    "upper_case": {"max": 0.07},
}

PRESETS: dict[str, Rules] = {
    name: Rules.model_validate(rules)
    for name, rules in {
        "gopher": GOPHER,
        "c4": C4,
        "fineweb": FINEWEB,
        "fineweb2-de": FINEWEB2_DE,
        "oscar-annotations": OSCAR_ANNOTATIONS,
        "from-scratch-job": FROM_SCRATCH_JOB,
    }.items()
}
