"""What a document has to pass: rules over counts, shares and repetitions, a batch of documents at a time."""

from __future__ import annotations

from dragoman.corpus.rules.editing import LineRule, LineRules
from dragoman.corpus.rules.making import make_line_rules, make_rules
from dragoman.corpus.rules.rule import Rule
from dragoman.corpus.rules.words import Words

__all__ = ["LineRule", "LineRules", "Rule", "Words", "make_line_rules", "make_rules"]
