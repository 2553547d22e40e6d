"""What each rule of a corpus measures, as a formula in plain Python over one text: slow, and plain to see."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable

from hypothesis import strategies as st

from dragoman.recipe.schema import Corpus

END_MARKS = ".!?…‼⁇⁈⁉。．！？｡।॥؟۔։።"
ENGLISH = {"the", "be", "to", "of", "and", "that", "have", "with"}
GERMAN = {"der", "und", "die", "in", "von", "im", "den", "des", "mit", "das", "er", "dem", "als", "wurde", "für"}


def category(character: str) -> str:
    return unicodedata.category(character)


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def paragraphs(text: str) -> list[str]:
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            found[-1].append(line)
        else:
            found.append([])
    return ["\n".join(part).strip() for part in found if part]


def plain_words(text: str) -> list[str]:
    return [word for word in text.split() if any(category(c)[0] not in "PSC" for c in word)]


def is_closing(character: str) -> bool:
    return category(character) in ("Pe", "Pi", "Pf") or character in "\"'"


def ends_sentence(text: str) -> bool:
    closing = 0
    while text and is_closing(text[-1]):
        closing += len(text[-1].encode())
        text = text[:-1]
    return closing <= 12 and text[-1:] != "" and text[-1] in END_MARKS


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def line_share(condition: Callable[[str], bool]) -> Callable[[str], float]:
    return lambda text: share(sum(map(condition, lines(text))), len(lines(text)))


def character_share(condition: Callable[[str], bool]) -> Callable[[str], float]:
    return lambda text: share(sum(map(condition, text)), len(text))


def short_share(of: Callable[[list[str], int], list[str]]) -> Callable[[str], float]:
    def measure(text: str) -> float:
        some = of(lines(text), -(-len(lines(text)) // 5))
        return share(sum(len(line.encode()) < 100 for line in some), len(some))

    return measure


def repeated(of: Callable[[str], list[str]], characters: bool) -> Callable[[str], float]:
    def measure(text: str) -> float:
        pieces, seen, again = of(text), set(), []
        for piece in pieces:
            if piece in seen:
                again.append(piece)
            seen.add(piece)
        return share(sum(map(len, again)), len(text)) if characters else share(len(again), len(pieces))

    return measure


def grams(text: str, n: int) -> list[tuple[str, ...]]:
    words = text.split()
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def top_ngram(n: int) -> Callable[[str], float]:
    def measure(text: str) -> float:
        [(gram, count)] = Counter(grams(text, n)).most_common(1) or [((), 0)]
        return share(len(" ".join(gram)) * count, len(text)) if count > 1 else 0.0

    return measure


def duplicate_ngrams(n: int) -> Callable[[str], float]:
    def measure(text: str) -> float:
        all_grams, seen, i, characters = grams(text, n), set(), 0, 0
        while i < len(all_grams):
            if all_grams[i] in seen:
                characters += len("".join(all_grams[i]))
                i += n
            else:
                seen.add(all_grams[i])
                i += 1
        return share(characters, len(text))

    return measure


def starts_with_bullet(line: str) -> bool:
    return line.startswith(("•", "‣", "◦", "▪", "-"))


MEASURES: dict[str, Callable[[str], float]] = {
    "character_count": len,
    "word_count": lambda text: len(plain_words(text)),
    "line_count": lambda text: len(lines(text)),
    "sentence_count": lambda text: sum(map(ends_sentence, text.split())),
    "mean_word_length": lambda text: share(sum(map(len, plain_words(text))), len(plain_words(text))),
    "alphabetic_words": lambda text: share(sum(any(map(str.isalpha, w)) for w in text.split()), len(text.split())),
    "hash_ratio": lambda text: share(text.count("#"), len(text.split())),
    "ellipsis_ratio": lambda text: share(text.count("...") + text.count("…"), len(text.split())),
    "bullet_lines": line_share(starts_with_bullet),
    "ellipsis_lines": line_share(lambda line: line.endswith(("...", "…"))),
    "punctuated_lines": line_share(ends_sentence),
    "lines_up_to_30": line_share(lambda line: len(line) <= 30),
    "lines_up_to_100": line_share(lambda line: len(line) <= 100),
    "short_header": short_share(lambda all_lines, fifth: all_lines[:fifth]),
    "short_footer": short_share(lambda all_lines, fifth: all_lines[len(all_lines) - fifth :]),
    "newline_ratio": lambda text: share(text.count("\n"), len(text.split())),
    "digits": character_share(str.isdecimal),
    "upper_case": character_share(str.isupper),
    "other_characters": character_share(lambda c: category(c)[0] not in "LM"),
    "curly_brackets": lambda text: text.count("{"),
    "duplicate_lines": repeated(lines, characters=False),
    "duplicate_line_characters": repeated(lines, characters=True),
    "duplicate_paragraphs": repeated(paragraphs, characters=False),
    "duplicate_paragraph_characters": repeated(paragraphs, characters=True),
    **{f"top_{n}gram": top_ngram(n) for n in (2, 3, 4)},
    **{f"duplicate_{n}grams": duplicate_ngrams(n) for n in range(5, 11)},
}

ODD = [
    *"ab .,!?…\"'“”»()#-*•·\n\r\t\v\f\x1c\x1f\x85\xa0\u2003\u2028\u2029\u3000\x00\x7f{",
    *"éÄAß0٣३अक्षि।שלוםمرحبا中。ﬁ𝔸🙂\U0010ffff",
    "...", "\r\n", "\n\n", "\n \n",
]  # fmt: skip
WORDS = ["the", "und", "of", "für", "a", "b", "कि", "und,", "end.", "x" * 40, "中文", "-", "..."]

odd_text = st.lists(st.sampled_from(ODD), max_size=60).map("".join)
repetitive_text = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", " ", " ", "  ", "\n", "\n\n", "\r\n"])), max_size=60
).map(lambda pairs: "".join(word + space for word, space in pairs))
any_text = st.one_of(st.text(max_size=60), odd_text, repetitive_text)
any_texts = st.lists(any_text, max_size=6)


def corpus_with(**rules: object) -> Corpus:
    """A recipe's corpus without presets."""
    return Corpus.model_validate({"sources": [{"path": "texts.txt"}], "rules": rules})
