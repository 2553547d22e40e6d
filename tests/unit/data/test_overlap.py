from hypothesis import given
from hypothesis import strategies as st

from dragoman.data.overlap import Overlap
from dragoman.data.rows import Example, Message, Origin

pairs = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xy")), max_size=12)


def examples(pairs, file):
    return [Example(source, target, Origin(file, row)) for row, (source, target) in enumerate(pairs, start=1)]


@given(pairs, pairs, pairs)
def test_counts_are_those_of_plain_sets(training, one, two):
    overlap = Overlap()
    for name, rows in (("one", one), ("two", two)):
        for example in examples(rows, name):
            overlap.add_evaluation(name, example)
    for example in examples(training, "train"):
        overlap.add_training(example)
    sources = {source for source, _ in training}
    for name, rows in (("one", one), ("two", two)):
        if rows:
            found = overlap.to_json()[name]
            assert found["rows"] == len(rows)
            assert found["sources_in_train"] == sum(source in sources for source, _ in rows)
            assert found["pairs_in_train"] == sum(pair in training for pair in rows)
            assert len(found["examples"]) == min(5, found["sources_in_train"])


def test_examples_name_both_rows_and_texts_are_normalised():
    overlap = Overlap()
    overlap.add_evaluation("test", Example("Ein Hund.", "A dog.", Origin("test.tsv", 3)))
    overlap.add_training(Example("x", "y", Origin("train.tsv", 1)))
    overlap.add_training(Example("ein  HUND.", "The dog.", Origin("train.tsv", 2)))
    overlap.add_training(Example("Ein Hund.", "a dog.", Origin("train.tsv", 3)))
    found = {"rows": 1, "sources_in_train": 1, "pairs_in_train": 1, "examples": [["test.tsv:3", "train.tsv:2"]]}
    assert overlap.to_json() == {"test": found}


def test_conversations_overlap_where_all_that_was_said_before_the_answer_is_equal():
    def chat(row, *texts):
        turns = [Message(("user", "assistant")[place % 2], text) for place, text in enumerate(texts)]
        return Example(texts[-2], texts[-1], Origin("chat.jsonl", row), messages=tuple(turns))

    overlap = Overlap()
    overlap.add_evaluation("test", chat(1, "hi", "yes?", "bye", "bye"))
    overlap.add_evaluation("test", chat(2, "tea", "yes?", "bye", "bye"))
    overlap.add_training(chat(3, "HI", "yes?", "bye", "see you"))
    found = overlap.to_json()["test"]
    assert (found["rows"], found["sources_in_train"], found["pairs_in_train"]) == (2, 1, 0)
