import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.tokenizer.cleaning import clean
from dragoman.tokenizer.specials import LITERALS

LITERAL = st.sampled_from(sorted(LITERALS))
SPACES = ["", " ", "  ", "\u00a0", "\u3000", "\u2000", "\t", "\n", "\r\n", "\x1f", "\x85", "\u2028"]
INVISIBLE = ["\x00", "\x7f", "\u200b", "\u00ad", "\ufeff", "\u2060", "\u200d", "\u200c", "\ud800", "\udfff", "\ufffd"]
COMPOSED = ["A\u030a", "é", "e\u0301", "\u0301", "\u0338", "½", "m²", "ﬁ", "한", "\u1112\u1161\u11ab", "क्षि", "مَا"]
OTHER = ["▁", "_", "<", ">", "/", "s>", "a", "👩\u200d👧", "🇩🇪", "\U0010ffff"]
TRICKY = st.sampled_from([*SPACES, *INVISIBLE, *COMPOSED, *OTHER])
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=20)
TEXT = st.lists(LITERAL | TRICKY | ANYTHING, max_size=8).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ein Hund läuft.", "Ein Hund läuft."),
        ("", ""),
        (" \t\n ", ""),
        ("  a \u00a0\u3000 b\r\nc\u2028d\te ", "a b c d e"),
        ("a\x1cb\x85c\x0bd", "a b c d"),  # control characters that are white space
        ("a\x00b\x7fc\x9fd", "abcd"),
        ("Zug\u00adbrü\u00adcke", "Zugbrücke"),
        ("a\u200bb\ufeffc\u2060d", "abcd"),
        ("m² ½ ﬁ Ⅳ", "m² ½ ﬁ Ⅳ"),  # NFKC would change all of these
        ("a\u0308", "ä"),
        ("a\u00ad\u0308", "ä"),  # composed only once the hyphen is gone
        ("\u1112\u1161\u11ab", "한"),
        ("👩\u200d👧 می\u200cخواهم", "👩\u200d👧 می\u200cخواهم"),
        ("▁a▁", "_a_"),
        ("x\ud800y\udc00", "x\ufffdy\ufffd"),
        ("a</s>b", "a< /s>b"),
        ("<pad><unk>", "< pad>< unk>"),
        ("<<extra_id_0>>", "<< extra_id_0>>"),
        ("<0x0A>", "< 0x0A>"),
        ("<extra\u00ad_id_7>", "< extra_id_7>"),  # a literal only after cleaning
        ("</s\u200b>", "< /s>"),
        ("</s\u00a0>", "</s >"),
        ("<extra_id_100> <0x0a> <s> <PAD> a < b", "<extra_id_100> <0x0a> <s> <PAD> a < b"),
    ],
)
def test_examples(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize("literal", sorted(LITERALS))
def test_every_literal_is_broken_and_nothing_lost(literal):
    cleaned = clean(f"x{literal}{literal}")
    assert literal not in cleaned
    assert cleaned.replace(" ", "") == f"x{literal}{literal}"


def slowly(text: str) -> str:
    """The same by another way: character by character, and one replacement for each literal."""
    kept = ""
    for character in text:
        category = unicodedata.category(character)
        if character.isspace():
            kept += " "
        elif category == "Cs":
            kept += "\ufffd"
        elif category != "Cc" and character not in "\u00ad\u200b\u2060\ufeff":
            kept += "_" if character == "▁" else character
    kept = re.sub(" +", " ", unicodedata.normalize("NFC", kept)).strip(" ")
    for literal in [literal for literal in LITERALS if literal in kept]:
        kept = kept.replace(literal, "< " + literal[1:])
    return kept


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(TEXT)
def test_any_string(text):
    cleaned = clean(text)
    assert cleaned == slowly(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.split() == (cleaned.split(" ") if cleaned else [])
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert not LITERALS & set(re.findall("<[^<]*?>", cleaned))
