"""Tags to spans, against a definition that looks at pairs of neighbours only, and against seqeval's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, IOBES, Entities

from dragoman.data.tags import Span, TagsError, detect_scheme, read_spans


def types(*spans):
    return [Span(*span) for span in spans]


class TestIob1:
    def test_neighbours_of_one_type_stay_apart(self):
        tags = ["I-PER", "I-PER", "B-PER", "O", "I-LOC", "I-ORG", "I-ORG"]
        assert read_spans(tags, "iob1") == types((0, 2, "PER"), (2, 3, "PER"), (4, 5, "LOC"), (5, 7, "ORG"))

    def test_it_reads_iob2_as_well(self):
        tags = ["B-PER", "I-PER", "B-PER", "O", "B-LOC", "B-ORG", "I-ORG"]
        assert read_spans(tags, "iob1") == read_spans(tags, "iob2")


def test_iob2_is_strict():
    assert read_spans(["B-creative-work", "I-creative-work", "B-creative-work"], "iob2") == types(
        (0, 2, "creative-work"), (2, 3, "creative-work")
    )
    for tags in (["O", "I-PER"], ["I-PER"], ["B-PER", "I-LOC"]):
        with pytest.raises(TagsError, match="break the scheme iob2") as error:
            read_spans(tags, "iob2")
        assert error.value.detail == f"{tags[-1]} of word {len(tags)} begins an entity"


@pytest.mark.parametrize("letters", ["BIES", "BILU"])
def test_bioes_and_bilou(letters):
    b, i, e, s = letters
    tags = [f"{b}-PER", f"{i}-PER", f"{e}-PER", f"{s}-PER", "O", f"{s}-LOC", f"{b}-LOC", f"{e}-LOC"]
    assert detect_scheme([["O"], tags]) == "bioes"
    assert read_spans(tags, "bioes") == types((0, 3, "PER"), (3, 4, "PER"), (5, 6, "LOC"), (6, 8, "LOC"))


@pytest.mark.parametrize(
    ("tags", "detail"),
    [
        (["B-PER", "O"], "O of word 2 comes before the entity has ended"),
        (["B-PER", "S-PER"], "S-PER of word 2 comes before the entity has ended"),
        (["O", "I-PER"], "I-PER of word 2 begins an entity"),
        (["S-PER", "E-PER"], "E-PER of word 2 begins an entity"),
        (["B-PER", "E-LOC"], "E-LOC of word 2 begins an entity"),
        (["O", "B-PER"], "the entity of word 2 does not end"),
    ],
)
def test_broken_bioes(tags, detail):
    with pytest.raises(TagsError, match="break the scheme bioes") as error:
        read_spans(tags, "bioes")
    assert error.value.detail == detail


@pytest.mark.parametrize("tag", ["PER", "X-PER", "B", "B-", "", "b-PER", "B_PER", "o", "I- "])
def test_what_is_no_tag(tag):
    for scheme in ("iob1", "iob2", "bioes"):
        with pytest.raises(TagsError, match="neither O nor a mark with a type") as error:
            read_spans(["O", tag], scheme)
        assert error.value.detail == f"'{tag}' of word 2"


def test_marks_of_another_scheme():
    with pytest.raises(TagsError, match="a tag that iob1 does not have"):
        read_spans(["S-PER"], "iob1")


def test_iob_is_the_guess_where_no_last_word_is_marked():
    assert detect_scheme([["O"], ["B-PER", "I-PER"], ["I-LOC"]]) == "iob1"
    assert detect_scheme([]) == "iob1"


kinds = st.sampled_from(["PER", "LOC", "creative-work"])
parts = st.lists(st.tuples(st.one_of(st.none(), kinds), st.integers(1, 3)), max_size=8)


def tagged(parts, scheme):
    """Tags of stretches of words, each an entity of a type or words outside, and the spans they stand for."""
    tags, spans, before = [], [], None
    for kind, length in parts:
        if kind is None:
            tags += ["O"] * length
        else:
            spans.append(Span(len(tags), len(tags) + length, kind))
            inside = [f"I-{kind}"] * length
            if scheme == "iob2" or (scheme == "iob1" and before == kind):
                inside[0] = f"B-{kind}"
            if scheme == "bioes":
                inside = [f"S-{kind}"] if length == 1 else [f"B-{kind}", *inside[1:-1], f"E-{kind}"]
            tags += inside
        before = kind
    return tags, spans


@settings(max_examples=150)
@given(parts, st.sampled_from(["iob1", "iob2", "bioes"]))
def test_spans_come_back_from_every_scheme(parts, scheme):
    tags, spans = tagged(parts, scheme)
    assert read_spans(tags, scheme) == spans
    assert read_spans(tags, "bioes" if scheme == "bioes" and spans else "iob1") == spans


@settings(max_examples=100)
@given(parts, st.sampled_from([("iob2", IOB2), ("bioes", IOBES)]))
def test_as_seqeval_reads_them(parts, scheme):
    name, theirs = scheme
    tags, _ = tagged(parts, name)
    found = [(e.start, e.end, e.tag) for sentence in Entities([tags], theirs).entities for e in sentence]
    assert read_spans(tags, name) == found


@settings(max_examples=100)
@given(st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), max_size=12))
def test_iob1_reads_any_mixture_as_the_conll_evaluation_does(tags):
    assert read_spans(tags, "iob1") == [(start, end + 1, kind) for kind, start, end in get_entities(tags)]
