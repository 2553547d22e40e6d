import os
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.corpus.boilerplate import strip_boilerplate, strip_texts
from dragoman.corpus.boilerplate.model import REASONS
from dragoman.recipe.schema.boilerplate import Boilerplate

MENU = ["Startseite", "Kontakt", "Impressum", "Suche", "Zum Inhalt springen"]
ARTICLE = [
    "Die Brücke über den Fluss ist nach drei Jahren wieder offen, und am Sonntag kamen viele, um sie zu sehen.",
    "Der Bürgermeister sagte, dass es länger gedauert habe als geplant, weil der Boden weich gewesen sei.",
    "Wer mit dem Rad fährt, spart nun zwanzig Minuten auf dem Weg in die Stadt, und das jeden Tag.",
    "Im Frühjahr soll auch der Weg am Ufer fertig werden, auf dem dann Bäume und Bänke stehen.",
]
FOOTER = [
    "Teilen Sie dies mit:", "Facebook", "Twitter", "Ähnliche Beiträge", "Neues vom Rathaus",
    "Schreibe einen Kommentar", "Deine E-Mail-Adresse wird nicht veröffentlicht.", "© 2020 Alle Rechte vorbehalten",
    "Diese Website verwendet Cookies.",
]  # fmt: skip
PAGE = "\n".join(["Die Brücke ist offen | Stadtblatt", *MENU, "Die Brücke ist offen", *ARTICLE, *FOOTER])
BOOK = "\n".join(["Kapitel 1", *ARTICLE, "* * *", *ARTICLE, "Ende"])


def test_a_page_keeps_its_article():
    judged = strip_boilerplate(PAGE)
    assert [line for line, _, _ in judged] == PAGE.split("\n")
    kept = [line for line, stays, _ in judged if stays]
    assert [line for line in kept if len(line) > 40] == ARTICLE
    assert not set(kept) & {*MENU, *FOOTER}
    reasons = {line: reason for line, stays, reason in judged if not stays}
    assert reasons["Impressum"] == "navigation"
    assert reasons["Facebook"] == "sharing"
    assert reasons["Diese Website verwendet Cookies."] == "consent"
    assert reasons["Schreibe einen Kommentar"] == "comments"
    assert all((reason in REASONS) is not stays for _, stays, reason in judged)


@pytest.mark.parametrize("text", [BOOK, "", "Impressum", "\n".join(MENU[:4]), "\n".join(ARTICLE), "Ein Satz."])
def test_what_is_no_raw_page_stays(text):
    assert strip_texts(pa.array([text]), Boilerplate()).texts.to_pylist() == [text]


def test_wrapped_text_stays():
    """Whatever its lines say: they are cut at a width, not by their meaning."""
    words = " ".join([*ARTICLE, "Teilen Sie dies mit:", *ARTICLE] * 3).split()
    lines = [" ".join(words[i : i + 9]) for i in range(0, len(words), 9)]
    text = "\n".join([*lines, "Impressum", "Kontakt", "Startseite"])
    assert strip_texts(pa.array([text]), Boilerplate()).texts.to_pylist() == [text]


def test_more_goes_at_a_higher_threshold():
    sizes = [len(strip_texts(pa.array([PAGE]), Boilerplate(threshold=t)).texts[0].as_py()) for t in (0.01, 0.4, 0.99)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


def test_short_documents_stay():
    assert strip_texts(pa.array([PAGE]), Boilerplate(lines=100)).counts() == {}


def test_patterns_of_ones_own():
    settings = Boilerplate(patterns=["^Kapitel \\d+$", "(?i)bürgermeister"])
    stripped = strip_texts(pa.array([BOOK]), settings)
    assert stripped.counts() == {"pattern": (3, len(f"Kapitel 1{ARTICLE[1]}{ARTICLE[1]}".encode()))}
    assert stripped.sample("pattern", 1) == [(0, "Kapitel 1")]


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(RequestError, match=r"patterns\.1.*RE2[^\n]*\n.*look-around"):
        strip_texts(pa.array(["a"]), Boilerplate(patterns=["a", "(?<=x)y"]))


LINES = st.sampled_from([*MENU, *ARTICLE, *FOOTER, "", "a"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.lists(LINES, min_size=1, max_size=30).map("\n".join), max_size=6))
def test_a_batch_is_its_texts(texts):
    texts = [text.strip("\n") for text in texts]
    stripped = strip_texts(pa.array(texts, pa.large_string()), Boilerplate())
    alone = [strip_texts(pa.array([text]), Boilerplate()).texts[0].as_py() for text in texts]
    assert stripped.texts.to_pylist() == alone
    for text, left in zip(texts, alone, strict=True):
        given_, found = iter(text.split("\n")), [line for line in left.split("\n") if line]
        assert all(line in given_ for line in found)  # lines of the text, in their order


@pytest.mark.real
@pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set")
def test_real_pages_and_clean_text(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[4]))
    sys.modules.pop("benchmarks", None)
    from benchmarks import boilerplate

    found = boilerplate.run(False)
    held_out = found["pages"]["held out"]
    assert held_out["kept"] / held_out["keep"] > 0.93
    assert held_out["dropped"] / held_out["drop"] > 0.74
    assert all(text["left"] > 0.99 * text["bytes"] for text in found["clean"].values())
    assert "held out" in boilerplate.report(found)
