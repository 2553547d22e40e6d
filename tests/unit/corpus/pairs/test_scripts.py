from __future__ import annotations

import pytest

from dragoman.base.errors import RequestError
from dragoman.corpus.pairs.characters import MARKS
from dragoman.corpus.pairs.scripts import alike, known_code, scripts_of


@pytest.mark.parametrize(
    ("code", "known", "scripts"),
    [
        ("de", "de", ["Latin"]), ("hi", "hi", ["Devanagari"]), ("pt-BR", "pt", ["Latin"]), ("zh_TW", "zh", ["Han"]),
        ("ja", "ja", ["Kana", "Han"]), ("nb", "no", ["Latin"]), ("sr", "sr", ["Latin", "Cyrillic"]),
        ("EN", "en", ["Latin"]),
    ],
)  # fmt: skip
def test_codes(code, known, scripts):
    assert known_code(code, "pairs.languages.source") == known
    assert set(scripts_of(known)) == {MARKS[script] for script in scripts}


@pytest.mark.parametrize("code", ["ger", "German", "", "-", "xx"])
def test_unknown_codes_are_refused_with_their_place(code):
    with pytest.raises(RequestError, match="no language") as refused:
        known_code(code, "pairs.languages.source")
    assert refused.value.where == "pairs.languages.source"


def test_languages_that_are_taken_for_each_other():
    assert alike("hr") >= {"hr", "sr", "bs"}
    assert "mr" in alike("hi")
    assert "hi" not in alike("mr")
    assert alike("fr") == {"fr"}
