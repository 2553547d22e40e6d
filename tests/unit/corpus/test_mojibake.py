import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.mojibake import repair
from dragoman.corpus.normalising import normalise

GERMAN = "Für die Bäume fließt Öl: „Maß“ – 5 €, 20 °C … ½ «ja» 😀"


def damaged(text: str) -> str:
    """UTF-8 read as Windows-1252; its five holes as Latin-1."""
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode("utf-8")
    )


@pytest.mark.parametrize(
    "text",
    [
        "für",
        "Übergrößenträger",
        "don’t",
        "„Hallo“, sagte er – und ging …",
        "5 €",
        "im März bei 20 °C",
        "😀",
        GERMAN,
        "Ma\u00dfe und Gr\u00f6\u00dfen",
        "ça va très bien, señor",
    ],
)
@pytest.mark.parametrize("times", [1, 2, 3])
def test_damage_is_put_right(text, times):
    broken = text
    for _ in range(times):
        broken = damaged(broken)
    assert broken != text
    assert repair(broken) == text


@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        "»Spaß« und „Maß“ und »Ä« und „JÄ“",
        "AMANHÃ” ou IRMû — NÃO",  # Portuguese, upper case before a quote
        "Â» chữ Â",
        "Forêt, pâté, château: l’âge",
        "Þórður, Æðey, það",
        "Ä“ Å’ ×“",
        "naïve café",
        "x = Ã + ¼",
        "日本語 हिन्दी العربية",
        "",
    ],
)
def test_genuine_text_stays(text):
    assert repair(text) == text


def test_only_what_is_damaged_changes():
    assert repair("Schön und schÃ¶n: der GroÃ\u009fe “Plan”") == "Schön und schön: der Große “Plan”"


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(st.sampled_from("abÂÃâðŸ€¼¶œ„“™\u00a0\u00ad\u0081 ß"), max_size=12))
def test_repairing_twice_changes_nothing(text):
    assert repair(repair(text)) == repair(text)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_characters="ÂÃâð", exclude_categories=["Cs"]), max_size=40))
def test_text_without_its_letters_is_never_touched(text):
    assert repair(text) == text


@pytest.mark.parametrize("text", ["aÃ" + "ƒ" * 100_000, "Â" * 100_000 + "¡a", "â€" * 100_000 + "‹" * 100_000])
def test_damage_that_is_made_up_takes_no_time(text):
    """Each round would put one letter right: as many rounds as letters."""
    began = time.perf_counter()
    normalise(text)
    assert time.perf_counter() - began < 20
    assert repair(repair(text)) == repair(text)


def test_ftfy_says_the_same():
    ftfy = pytest.importorskip("ftfy")
    for text in (GERMAN, "Übergröße – für „uns“", "l’été à Besançon"):
        broken = damaged(text)
        assert ftfy.fix_encoding(broken) == repair(broken) == text
