import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.synthesis.problems import settings_of
from dragoman.synthesis.texts import Texts, take_turns

GERMAN = """\
Heute Abend gehen wir mit unseren Freunden ins Kino. Danach essen wir alle zusammen eine Pizza! Kommst du auch mit?

Über uns

Die alte Brücke über den Fluss ist schon repariert worden. Ja. Heute Abend gehen wir mit unseren Freunden ins Kino.
"""
ENGLISH = """\
The old bridge across the river has been repaired already. We were very glad about it.

Le vieux pont sur la rivière a déjà été réparé par les ouvriers de la ville.

1234567 --- 8901234 +++ 5678.
"""


@pytest.fixture
def corpus(tmp_path, load):
    def make(unit="sentence", overlaps=lambda text: False, **changes):
        (tmp_path / "de.txt").write_text(GERMAN, encoding="utf-8")
        (tmp_path / "en.txt").write_text(ENGLISH, encoding="utf-8")
        translate = {"sources": [{"path": "de.txt"}, {"path": "en.txt"}], "unit": unit} | changes
        loaded = load(translate=translate, pairs=None)
        return Texts(settings_of(loaded), loaded.folder, 1, overlaps)

    return make


def test_whole_sentences_in_either_language(corpus):
    texts = corpus()
    found = list(texts)
    assert {(text.side, text.text) for text in found} == {
        ("source", "Heute Abend gehen wir mit unseren Freunden ins Kino."),
        ("source", "Danach essen wir alle zusammen eine Pizza!"),
        ("source", "Kommst du auch mit?"),
        ("source", "Die alte Brücke über den Fluss ist schon repariert worden."),
        ("target", "The old bridge across the river has been repaired already."),
        ("target", "We were very glad about it."),
    }
    assert texts.passed_over == {
        "without an end mark": 1, "too short": 1, "came before": 1, "in another language": 1, "few letters": 1,
    }  # fmt: skip
    places = {(text.file.rsplit("/", 1)[-1], text.row, text.part) for text in found}
    assert len(places) == len(found)
    assert [text.side for text in found[:4]] == ["source", "target", "source", "target"]  # sources take turns
    assert found == list(corpus())


def test_passages_are_neighbours_in_one_document(corpus):
    found = [text.text for text in corpus("passage", sentences=3)]
    assert all(any(text in " ".join(document.split()) for document in (GERMAN, ENGLISH)) for text in found)
    sentences = sum(text.count(".") + text.count("!") + text.count("?") for text in found)
    assert sentences == 7  # all that are fit, once: a sentence may come again in another passage
    assert any(text.count(".") + text.count("!") + text.count("?") > 1 for text in found)


def test_evaluation_texts_and_limits_are_minded(corpus):
    texts = corpus(overlaps=lambda text: "Kino" in text, min_words=5, max_words=9)
    assert {text.text for text in texts} == {
        "Danach essen wir alle zusammen eine Pizza!", "We were very glad about it.",
    }  # fmt: skip
    assert texts.passed_over["in an evaluation set"] == 2
    assert texts.passed_over["too long"] == 3


def test_a_source_may_name_its_language(corpus):
    named = [{"path": "de.txt", "language": "de"}, {"path": "en.txt", "language": "en"}]
    found = {text.text: text.side for text in corpus(sources=named)}
    assert found["Le vieux pont sur la rivière a déjà été réparé par les ouvriers de la ville."] == "target"
    with pytest.raises(RequestError, match="the language fr is none of the two"):
        corpus(sources=[{"path": "de.txt", "language": "fr"}])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0.5, 1.0, 2.0, 3.5])), min_size=1, max_size=4))
def test_sources_take_turns_by_their_shares(sources):
    readers = [iter([(number, i) for i in range(length)]) for number, (length, _) in enumerate(sources)]
    found = list(take_turns(readers, [share for _, share in sources]))
    assert sorted(found) == [(number, i) for number, (length, _) in enumerate(sources) for i in range(length)]
    whole = sum(share for _, share in sources)
    shortest = min(length / share for length, share in sources)
    for taken in range(int(shortest * whole) + 1):  # as long as all have something left
        for number, (_, share) in enumerate(sources):
            count = sum(one[0] == number for one in found[:taken])
            assert abs(count - taken * share / whole) <= len(sources)
