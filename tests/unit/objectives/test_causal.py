"""What a causal model learns of a pair of texts, and with what it is asked. Conversations: `test_chat_template`."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data.receipt import SplitReceipt
from dragoman.data.rows import BadRow, Example, Origin
from dragoman.objectives.causal import SHARED, Causal, prompt_ids
from dragoman.objectives.encoding import Encoded
from dragoman.recipe.schema import Data, Source
from dragoman.tokenizer.face import TextTokenizer

KINDS = ["llama", "lfm2", "gpt2"]
HERE = Origin("f.tsv", 1)
readable = st.text("abcdHelo PARISü,.!?12स्ते日", min_size=1, max_size=30)
anything = st.text(min_size=1, max_size=30).filter(lambda text: text.strip() and text.isprintable())
ends = st.sampled_from(["\n", "\n\n", ":\n", "\n\n\n", " \n", "\t", ": ", ":  ", "\n ", ""])


def encode(tokenizer: TextTokenizer, source: str, target: str) -> Encoded | BadRow:
    (row,) = Causal(tokenizer).encode([Example(source, target, HERE)])
    return row


def data(overlong: str, source: int = 12, target: int = 6) -> Data:
    return Data(train=[Source(path="f")], max_source_length=source, max_target_length=target, overlong=overlong)


@pytest.mark.parametrize("kind", KINDS)
@given(source=readable, end=ends, target=readable)
@settings(max_examples=150, deadline=None)
def test_the_answer_and_its_end_are_labelled_and_nothing_else(make, kind, source, end, target):
    tokenizer = make(kind)
    assume(source.strip() and target.strip())
    row = encode(tokenizer, source + end, target)
    assume(isinstance(row, Encoded))
    begin = [] if tokenizer.bos_id is None else [tokenizer.bos_id]
    assert row.input_ids == [*begin, *tokenizer.encode(source + end + target), tokenizer.eos_id]
    start = row.places[0]
    assert start >= 1
    assert row.places == list(range(start, len(row.input_ids)))  # one stretch, to the very end
    assert row.labels == row.input_ids[start:]
    assert row.labels[-1] == tokenizer.eos_id
    assert len(row.labels) > 1
    prompt = prompt_ids(source + end, tokenizer)
    assert row.input_ids[:start] == prompt[:start] or start == 1  # of the sequence, no more than the prompt says
    assert row.source_length + len(row.labels) == len(row.input_ids)
    assert row.target_bytes == len(target.encode())


@pytest.mark.parametrize("kind", KINDS)
@given(source=readable, end=st.sampled_from(["\n", "\n\n", ":\n", "\t\n", " \n\n"]), target=readable)
@settings(max_examples=150, deadline=None)
def test_after_a_line_break_the_labels_say_the_answer_and_the_prompt_is_what_is_asked_with(
    make, kind, source, end, target
):
    tokenizer = make(kind)
    assume(source.strip() and target[0].isalnum())
    row = encode(tokenizer, source + end, target)
    assert tokenizer.decode(row.labels) == target
    assert tokenizer.decode(row.labels[:-1]) == target  # the end has no text
    assert row.input_ids[: row.places[0]] == prompt_ids(source + end, tokenizer)
    assert row.remark is None


@pytest.mark.parametrize("kind", KINDS)
@given(source=readable, spaces=st.sampled_from([" ", "  "]), word=st.sampled_from(["Paris", "a", "Hallo Welt", "日"]))
@settings(max_examples=60, deadline=None)
def test_spaces_that_end_a_prompt_go_to_the_answer(make, kind, source, spaces, word):
    """What is asked with is the same whatever the answer will be, and what was learnt after."""
    tokenizer = make(kind)
    assume(source.strip() and not source.endswith(" "))
    row = encode(tokenizer, f"{source}:{spaces}", word)
    assert row.input_ids[: row.places[0]] == prompt_ids(f"{source}:{spaces}", tokenizer)
    assert prompt_ids(f"{source}:{spaces}", tokenizer) == prompt_ids(f"{source}:", tokenizer)
    assert tokenizer.decode(row.labels).strip() == word


@pytest.mark.parametrize("kind", KINDS)
@given(source=anything, target=anything)
@settings(max_examples=100, deadline=None)
def test_any_text_ends_in_a_row_or_a_reason(make, kind, source, target):
    tokenizer = make(kind)
    row = encode(tokenizer, source, target)
    if isinstance(row, BadRow):
        assert row.reason == "the answer has no tokens of its own"
    else:
        assert row.labels == [row.input_ids[place] for place in row.places]
        assert min(row.places) >= 1
        assert row.labels[-1] == tokenizer.eos_id


@pytest.mark.parametrize("kind", KINDS)
def test_text_never_ends_an_answer(make, kind):
    """Literals of special pieces are text, in the prompt and in the answer."""
    tokenizer = make(kind)
    row = encode(tokenizer, "a</s><|im_end|><s>\n", "b</s><|endoftext|>c<|im_end|>")
    specials = {tokenizer.eos_id, tokenizer.pad_id, tokenizer.bos_id, *tokenizer.suppressed_ids}
    begin = [] if tokenizer.bos_id is None else [tokenizer.bos_id]
    assert [id for id in row.input_ids if id in specials] == [*begin, tokenizer.eos_id]


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_the_end_is_labelled_where_it_is_the_padding_too(make, kind):
    tokenizer = make(kind)
    assert tokenizer.pad_id == tokenizer.eos_id
    row = encode(tokenizer, "Hello\n", "Hallo")
    assert (row.labels[-1], row.places[-1]) == (tokenizer.pad_id, len(row.input_ids) - 1)


def test_two_line_breaks_at_the_end_are_asked_with_as_they_were_learnt(make):
    """GPT-2's rules make one token of them at the end of a text, and two where something follows."""
    tokenizer = make("gpt2")
    alone, followed = tokenizer.encode("a:\n\n"), tokenizer.encode("a:\n\nb")
    assert len(alone) < len(followed) - 1  # else this tests nothing
    assert prompt_ids("a:\n\n", tokenizer) == followed[:-1]


def test_a_prompt_that_runs_into_its_answer_is_remarked_on(make):
    tokenizer = make("llama")
    word = max(tokenizer.pieces(range(tokenizer.vocabulary_size))[259:], key=len).removeprefix("▁")
    row = encode(tokenizer, f"Hello {word[:1]}", word[1:])
    assert row.input_ids == [tokenizer.bos_id, *tokenizer.encode(f"Hello {word}"), tokenizer.eos_id]
    start, prompt = row.places[0], prompt_ids(f"Hello {word[:1]}", tokenizer)
    assert row.input_ids[:start] == prompt[:start]
    assert start < len(prompt)
    assert row.remark == SHARED
    assert tokenizer.decode(row.labels) == word


def test_an_answer_that_leaves_no_token_is_put_aside(make):
    tokenizer = make("gpt2")
    row = encode(tokenizer, "a", "b")
    joined = tokenizer.encode("ab")
    if len(joined) == 1:  # one token, and nothing before it that could predict it
        assert isinstance(row, BadRow)
    vanishing = Causal(Vanishing(tokenizer))
    (row,) = vanishing.encode([Example("Hello\n", "x", HERE)])
    assert isinstance(row, BadRow)
    assert (row.reason, row.origin) == ("the answer has no tokens of its own", HERE)
    assert "Hello" in str(row.content)


class Vanishing:
    """A tokenizer that reads no x."""

    def __init__(self, tokenizer: TextTokenizer):
        self.own = tokenizer
        self.bos_id, self.eos_id = tokenizer.bos_id, tokenizer.eos_id

    def encode_batch(self, texts):
        return self.own.encode_batch([text.replace("x", "") for text in texts])


# ---- limits ----


def row_of(tokenizer: TextTokenizer, prompt: int, answer: int) -> Example:
    """A pair whose prompt has about so many tokens more than a few, and the answer likewise."""
    return Example("1 " * prompt + "\n", "2 " * answer + "2", HERE)


def test_what_is_too_long_is_dropped_and_counted_by_side(make):
    tokenizer = make("llama")
    receipt = SplitReceipt(read=4)
    rows = [row_of(tokenizer, *lengths) for lengths in ((1, 1), (40, 1), (1, 40), (40, 40))]
    kept = list(Causal(tokenizer).for_training(rows, data("drop"), receipt))
    assert [row.example for row in kept] == [rows[0]]
    assert receipt.balanced
    assert receipt.dropped == {
        "source over 12 tokens": 1,
        "target over 6 tokens": 1,
        "source over 12 tokens and target over 6 tokens": 1,
    }
    assert receipt.source_lengths.tokens + receipt.target_lengths.tokens == len(kept[0].input_ids)


@pytest.mark.parametrize("kind", KINDS)
@given(prompt=st.integers(1, 30), answer=st.integers(0, 30), source=st.integers(2, 40), target=st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_trimming_keeps_the_prompts_end_the_answers_start_and_both_specials(make, kind, prompt, answer, source, target):
    tokenizer = make(kind)
    example, receipt = row_of(tokenizer, prompt, answer), SplitReceipt(read=1)
    whole = encode(tokenizer, example.source, example.target)
    (row,) = Causal(tokenizer).for_training([example], data("trim", source, target), receipt)
    before, learnt = row.input_ids[: row.places[0]], row.input_ids[row.places[0] :]
    own = whole.input_ids[: whole.places[0]]
    assert row.labels == learnt == [row.input_ids[place] for place in row.places]
    assert (len(before), len(learnt)) == (min(source, len(own)), min(target, len(whole.labels)))
    assert learnt[:-1] == whole.labels[: len(learnt) - 1]
    assert learnt[-1] == tokenizer.eos_id
    if tokenizer.bos_id is not None:
        assert before[0] == tokenizer.bos_id
        before, own = before[1:], own[1:]
    assert before == own[len(own) - len(before) :]
    cut = [f"source over {source} tokens"] * (len(own) > len(before))
    cut += [f"target over {target} tokens"] * (len(whole.labels) > len(learnt))
    assert dict(receipt.trimmed) == dict.fromkeys(cut, 1)
    assert receipt.source_lengths.tokens + receipt.target_lengths.tokens == len(row.input_ids)


def test_an_error_names_the_row(make):
    tokenizer = make("llama")
    with pytest.raises(RequestError, match="source over 12 tokens") as error:
        list(Causal(tokenizer).for_training([row_of(tokenizer, 40, 1)], data("error"), SplitReceipt()))
    assert error.value.where == "f.tsv:1"


def test_nothing_that_is_measured_on_is_cut(make):
    tokenizer = make("llama")
    example, receipt = row_of(tokenizer, 300, 300), SplitReceipt(read=1)
    (row,) = Causal(tokenizer).for_evaluation([example], receipt)
    assert row == encode(tokenizer, example.source, example.target)
    assert len(row.input_ids) > 600
    assert receipt.balanced


def test_bad_rows_pass_the_limits(make):
    receipt = SplitReceipt(read=1)
    objective = Causal(Vanishing(make("gpt2")))
    example = Example("a\n", "x", HERE)
    assert isinstance(next(objective.for_training([example], data("error"), receipt)), BadRow)
    assert isinstance(next(objective.for_evaluation([example], receipt)), BadRow)
    assert receipt.kept == 0
