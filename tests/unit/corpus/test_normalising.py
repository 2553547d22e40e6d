import re
import sys
import time
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dragoman.corpus.normalising import _PLAIN, normalise, normalise_texts
from dragoman.tokenizer.cleaning import clean

SPACES = [
    "",
    " ",
    "  ",
    "\u00a0",
    "\u3000",
    "\u2000",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\x1f",
    "\x85",
    "\u2028",
    "\x0b",
]
INVISIBLE = ["\x00", "\x7f", "\u200b", "\u00ad", "\ufeff", "\u2060", "\u200d", "\u200c", "\ufffd", "\x9f"]
COMPOSED = [
    "A\u030a",
    "é",
    "e\u0301",
    "\u0301",
    "½",
    "m²",
    "ﬁ",
    "한",
    "\u1112\u1161\u11ab",
    "क्षि",
    "\u0958",
    "مَا",
    "\u2126",
]
OTHER = ["▁", "</s>", "a", "Haus", "👩\u200d👧", "¼", "Ã", "Â", "â€œ", "fÃ¼r"]
TRICKY = st.sampled_from([*SPACES, *SPACES, *INVISIBLE, *COMPOSED, *OTHER])
TEXT = st.lists(TRICKY | st.text(max_size=6), max_size=10).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ein Hund läuft.\n\nEr bellt.", "Ein Hund läuft.\n\nEr bellt."),
        ("", ""),
        (" \n\t\n ", ""),
        ("\n  a \u00a0 b\t\r\n\r\n\r\n\r\nc  \u2028d\x0be\n", "a b\n\nc\nd\ne"),
        ("Zug\u00adbrü\u00adcke a\u200bb\ufeffc", "Zugbrücke abc"),
        ("a\x00b\x1fc\x7f", "ab c"),
        ("a\u0308\n\u1112\u1161\u11ab", "ä\n한"),
        ("m² ½ ﬁ", "m² ½ ﬁ"),
        ("fÃ¼r 20 Â°C", "für 20 °C"),
        ("dÃ\u00ada", "día"),  # í, before its second half goes as a soft hyphen
        ("fÃ\u200b¼r", "für"),  # damage that shows once something is gone
        ("x\ud800y", "x\ufffdy"),
    ],
)
def test_examples(text, expected):
    assert normalise(text) == expected


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(TEXT)
def test_any_text(text):
    tidy = normalise(text)
    assert normalise(tidy) == tidy
    assert unicodedata.is_normalized("NFC", tidy)
    assert re.fullmatch(r"(?:[^\s]+(?: [^\s]+)*|\n{1,2})*", tidy)
    assert tidy == tidy.strip()


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(TEXT)
def test_the_tokenizer_sees_the_same(text):
    seen = clean(text.translate(dict.fromkeys(map(ord, "ÂÃâð"))))
    assume(set(seen).isdisjoint("ÂÃâð"))  # which composing could bring back
    assert clean(normalise(text.translate(dict.fromkeys(map(ord, "ÂÃâð"))))) == seen


MARKS = st.text(st.sampled_from("\u0301\u0315\u0316\u0344\u0f73\u3099≠♥"), min_size=30, max_size=80)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from("aǟか"), MARKS).map("".join), max_size=3).map("".join))
def test_marks_in_a_row_are_composed_as_ever(text):
    assert normalise(text) == unicodedata.normalize("NFC", text)


def test_marks_out_of_order_take_no_time():
    began = time.perf_counter()
    assert normalise("a" + "\u0315" * 200_000 + "\u0316" * 200_000) == "a" + "\u0316" * 200_000 + "\u0315" * 200_000
    assert time.perf_counter() - began < 20


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.lists(TEXT, max_size=8))
def test_a_column_is_normalised_as_its_texts_are(texts):
    found = normalise_texts(pa.chunked_array([pa.array(texts[:3], pa.string()), pa.array(texts[3:], pa.string())]))
    assert found.type == pa.large_string()
    assert found.to_pylist() == [normalise(text) for text in texts]


def test_characters_that_pass_unseen_need_nothing():
    """The quick search lets no character through that white space, removal or NFC could concern."""
    every = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    plain = pc.match_substring_regex(pa.array(every), f"^[{_PLAIN}]$").to_numpy(zero_copy_only=False)
    passing = [character for character, passes in zip(every, plain, strict=True) if passes]
    assert len(passing) > 40_000
    for character in passing:
        assert not character.isspace() or character in " \n"
        assert character in " \n" or normalise(f"a{character}b") == f"a{character}b"
        assert not unicodedata.combining(character)
        assert unicodedata.normalize("NFC", f"{character}") == character
    starters = "aeiouAEIOU\u1100\uac00\u0915\u09c7\u30ab"
    for starter in starters:
        whole = "\n".join(starter + character for character in passing if character not in " \n")
        assert unicodedata.normalize("NFC", whole) == whole


def test_nothing_is_copied_where_nothing_is_to_do():
    texts = pa.array(["Schon gut: „so“ – und so…\n\nbleibt es.", "日本語", "한국어 text"], pa.large_string())
    assert normalise_texts(texts).buffers()[2].address == texts.buffers()[2].address
