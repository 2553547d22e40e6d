"""The rules that look at a document's tokens: they can only come after the vocabulary, and come before encoding."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from dragoman.recipe.schema import TokenRules
from dragoman.tokenizer.face import TextTokenizer

BYTE = re.compile(r"<0x[0-9A-F]{2}>")  # spells what the vocabulary has no piece for


class TokenFilter:
    """The recipe's rules over one vocabulary."""

    def __init__(self, rules: TokenRules, tokenizer: TextTokenizer):
        self.rules = rules
        self.unknown = np.zeros(tokenizer.vocabulary_size, dtype=bool)
        if rules.max_unknown is not None:
            names = tokenizer.pieces(range(tokenizer.vocabulary_size))
            self.unknown[[id for id, name in enumerate(names) if BYTE.fullmatch(name)]] = True
            if tokenizer.unk_id is not None:
                self.unknown[tokenizer.unk_id] = True

    def reason(self, ids: NDArray[np.int64]) -> str | None:
        """Why a document of these ids, of which there is one at least, is left out; None where it stays."""
        rules = self.rules
        if rules.min_tokens is not None and len(ids) < rules.min_tokens:
            return f"fewer than {rules.min_tokens} tokens"
        if rules.max_tokens is not None and len(ids) > rules.max_tokens:
            return f"more than {rules.max_tokens} tokens"
        if rules.max_unknown is not None and int(self.unknown[ids].sum()) > rules.max_unknown:
            return f"more than {rules.max_unknown} unknown tokens"
        if rules.max_mean_id is not None and float(ids.mean()) > rules.max_mean_id:
            return f"mean token id above {rules.max_mean_id:g}"
        return None
