"""Texts through a model that copies: what comes out must be what went in, cleaned."""

from contextlib import contextmanager

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman.base.device import choose_precision
from dragoman.generation import texts as module
from dragoman.generation.prompts import SentencePrompter
from dragoman.generation.settings import Settings
from dragoman.generation.texts import TextGenerator
from dragoman.tokenizer.cleaning import clean

LETTERS = st.text(st.sampled_from("abcdefÄöß .,!?;:\t\n-\"'"), max_size=60)
fixtures_are_stateless = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)


def generator_of(model, tokenizer, generation, limit, precision=None):
    return TextGenerator(model, tokenizer, SentencePrompter(tokenizer, limit), generation, precision)


@pytest.fixture
def copier(copying_model, characters):
    def make(limit=40, **options):
        generation = Settings(**{"beam": 1, **options})
        return generator_of(copying_model(characters.vocabulary_size), characters, generation, limit)

    return make


@fixtures_are_stateless
@given(st.lists(LETTERS | st.sampled_from(["", " ", "\n", "\u00a0", "\u200b"]), max_size=8), st.integers(2, 70))
def test_one_answer_a_text_in_order_whatever_it_holds(copier, texts, limit):
    answers = list(copier(limit).answer(texts, title=None))
    assert [answer.text for answer in answers] == [clean(text) for text in texts]
    for text, answer in zip(texts, answers, strict=True):
        assert (answer.pieces == 0) == (clean(text) == "")
        assert (answer.pieces <= 1) == (len(clean(text)) < limit), "the end token counts"


def test_a_text_at_the_limit_is_whole_and_one_beyond_it_is_cut(copier):
    whole, cut = copier(limit=9).answer(["Ja. Nein", "Ja. Nein."], title=None)
    assert (whole.text, whole.pieces) == ("Ja. Nein", 1)
    assert (cut.text, cut.pieces) == ("Ja. Nein.", 2)


def test_n_best_of_a_whole_text_and_one_of_a_text_in_pieces(copier):
    generator = copier(limit=9, beam=6, n_best=3)
    empty, whole, cut = generator.answer(["", "abc", "Ja. Nein."], title=None)
    assert [len(answer.candidates) for answer in (empty, whole, cut)] == [1, 3, 1]
    assert [c.score for c in whole.candidates] == sorted((c.score for c in whole.candidates), reverse=True)
    assert whole.candidates[0].finished
    assert whole.candidates[0].score <= 0


def test_no_text_comes_twice_among_the_best(random_model, characters):
    """Characters that `clean` makes one: each text is there once, with the best of its scores."""
    model = random_model(characters.vocabulary_size, spread=3.0)
    spaces = [characters.encode("a")[0], characters.encode("b")[0]]
    original = model.logits

    def logits(source, prefix):  # mostly a, b and spaces, which are cleaned away at the ends and in a row
        scores = original(source, prefix) - 20
        scores[[*spaces, ord(" ") + 5, characters.eos_id]] += 20
        return scores

    model.logits = logits
    generator = generator_of(model, characters, Settings(beam=20, n_best=6, max_length=4), limit=9)
    [answer] = generator.answer(["x"], title=None)
    texts = [candidate.text for candidate in answer.candidates]
    assert len(texts) == len(set(texts)) == 6
    assert [c.score for c in answer.candidates] == sorted((c.score for c in answer.candidates), reverse=True)


def test_a_window_of_one_answers_before_the_next_text_is_read(copier):
    read = []
    texts = (read.append(text) or text for text in ["ab", "cd", "ef"])
    answers = copier().answer(texts, title=None, window=1)
    assert (next(answers).text, read) == ("ab", ["ab"])


@pytest.mark.parametrize("length_penalty", [0.0, 0.7, 1.0])
def test_the_score_of_a_joined_answer_is_that_of_its_tokens(copier, length_penalty):
    generator = copier(limit=9, length_penalty=length_penalty)
    parts = [answer.candidates[0] for answer in generator.answer(["Ja.", "Nein."], title=None)]
    lengths = [4, 6]  # the end token counted
    [joined] = generator.answer(["Ja. Nein."], title=None)
    log_p = sum(part.score * length**length_penalty for part, length in zip(parts, lengths, strict=True))
    assert joined.candidates[0].score == pytest.approx(log_p / sum(lengths) ** length_penalty, rel=1e-5)


def test_a_joined_answer_is_finished_when_all_of_it_is(copier):
    options = {"limit": 12, "length_ratio": 1.0, "length_margin": 0}
    [answer] = copier(**options, max_length=5).answer(["Ja. Neinnein."], title=None)
    assert answer.text == "Ja. Neinn"
    assert not answer.candidates[0].finished


def test_no_space_comes_where_there_was_none(copier):
    link = "https://example.org/" + "abc" * 30
    [answer] = copier(limit=20).answer([link], title=None)
    assert answer.text == link
    assert answer.pieces > 5


def test_windows_do_not_show_and_bound_what_is_read(random_model, characters):
    model = random_model(V=characters.vocabulary_size, spread=4.0)
    generator = generator_of(model, characters, Settings(sample=True, max_length=6, seed=1), limit=8)
    texts = ["ab", "", "cd", "Ja. Nein, ja. Gut.", "ab", "ab"]
    whole = list(generator.answer(texts, title=None))
    assert len({answer.text for answer in whole}) == 6, "equal texts in different places are drawn differently"

    read = []
    answers = generator.answer((read.append(text) or text for text in texts), title=None, window=2)
    assert next(answers) == whole[0]
    assert len(read) == 2
    assert [whole[0], *answers] == whole


def test_special_ids_are_never_answered(random_model, characters):
    model = random_model(V=8, spread=1.0)  # 0 pad, 1 end, 2 unknown, 3 and 4 sentinels, 5 to 7 characters
    seen = []
    characters.decode = lambda ids: seen.extend(ids) or ""
    generator = generator_of(model, characters, Settings(sample=True, n_best=50, max_length=8), limit=8)
    list(generator.answer(["ab", "c"], title=None))
    assert set(seen) == {5, 6, 7}


def test_an_answer_is_one_line(copier, characters):
    characters.decode = lambda ids: " two\nlines\r "
    [answer] = copier().answer(["x"], title=None)
    assert answer.text == "two lines"


def test_progress_counts_texts(copier, monkeypatch):
    advanced, shown = [], []

    class Recorder:
        def advance(self, n):
            advanced.append(n)

    @contextmanager
    def progress(title, total, done, unit):
        shown.append((title, total, done, unit))
        yield Recorder()
        shown.append("gone")

    monkeypatch.setattr(module, "progress", progress)
    texts = ["ab", "", "Ja. Nein. Gut so.", " ", "c"]
    list(copier(limit=8).answer(texts, title="answering"))
    assert sum(advanced) == len(texts)
    assert shown == [("answering", 5, 0, "texts"), "gone"]

    shown.clear()
    for _ in copier(limit=8).answer(iter(texts), window=3):
        assert shown[-1] == "gone", "while an answer is printed there is no bar"
    assert shown == [("translating", None, 0, "texts"), "gone", ("translating", None, 3, "texts"), "gone"]


def test_precision_is_applied(copying_model, characters):
    device = torch.device("cpu")
    model, seen = copying_model(characters.vocabulary_size), []
    logits = model.logits
    model.logits = lambda *args: seen.append(torch.is_autocast_enabled("cpu")) or logits(*args)
    precision = choose_precision("bfloat16", device)
    list(generator_of(model, characters, Settings(beam=1), 40, precision).answer(["ab"], title=None))
    assert seen
    assert all(seen)
