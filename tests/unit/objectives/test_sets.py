from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from unit.objectives.chat_templates import BRACKETS, THOUGHTFUL, TINYLLAMA

from dragoman.base.errors import RequestError
from dragoman.data.dataset import Dataset
from dragoman.data.rows import Message
from dragoman.objectives.causal import prompt_ids
from dragoman.objectives.sets import EncodedSets, encode_sets, train_tokenizer
from dragoman.recipe.schema import Recipe
from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.tokenizer import Tokenizer


def recipe(**data: object) -> Recipe:
    return Recipe.model_validate({"name": "r", "data": {"train": [{"path": "train.tsv"}], **data}})


def write(file: Path, rows: list[str]) -> None:
    file.write_text("source\ttarget\n" + "\n".join(rows) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "train.tsv", [f"a{'b ' * n}\tc{'d ' * n}" for n in range(30)] + ["\tempty", "a a\ta"])
    write(tmp_path / "test.tsv", ["abb b\tx", "a a\ta"])
    return tmp_path


def encoded(folder: Path, words: object, **data: object) -> tuple[EncodedSets, dict, list[dict]]:
    job = recipe(**data)
    out = folder / "encoded"
    quarantine = folder / "quarantine.jsonl"
    receipt = encode_sets(job, Dataset(job.data, folder, 1), words, out, quarantine, causal=False)  # type: ignore[arg-type]
    bad = [json.loads(line) for line in (folder / "quarantine.jsonl").read_text().splitlines()]
    return EncodedSets(out), receipt.to_json(), bad


def test_every_row_ends_in_one_place(folder, words):
    sets, receipt, bad = encoded(
        folder, words, test={"t": {"path": "test.tsv"}}, max_source_length=20, validation_rows=2
    )
    train = receipt["splits"]["train"]
    assert train["read"] == 32
    assert train["quarantined"] == len(bad) == 1
    assert train["held_out"] == 2 == len(sets.ids("validation")) == len(sets.texts("validation"))
    assert train["kept"] == len(sets.ids("train")) == train["read"] - 1 - 2 - train["dropped"]
    assert train["dropped"] > 0
    assert receipt["overlap"]["test:t"]["pairs_in_train"] == 1


def test_no_row_is_in_training_and_in_validation(folder, words):
    sets, _, _ = encoded(folder, words, validation_rows=3)
    trained = {str(sets.ids("train").origin(i)) for i in range(len(sets.ids("train")))}
    held_out = {f"{row['file']}:{row['row']}" for row in sets.texts("validation")}
    assert len(held_out) == 3
    assert not trained & held_out


def test_the_texts_of_a_test_set_are_kept_beside_its_ids(folder, words):
    sets, _, _ = encoded(folder, words, test={"t": {"path": "test.tsv"}})
    assert sets.ids_path("test:t").name == "test-t.arrow"
    texts = sets.texts("test:t")
    assert [(row["source"], row["target"], row["row"]) for row in texts] == [("abb b", "x", 1), ("a a", "a", 2)]
    assert sets.ids("test:t")[0][0].tolist() == [5, 3, 1]


def test_the_bytes_of_each_target_are_kept_for_bits_per_byte(folder, words):
    write(folder / "test.tsv", ["a\tहै", "b\tü"])
    sets, _, _ = encoded(folder, words, test={"t": {"path": "test.tsv"}})
    assert [row["bytes"] for row in sets.texts("test:t")] == [6, 2]
    assert not sets.ids("train").causal


# ---- causal models ----


def chat(
    folder: Path, tokenizer: TextTokenizer, rows: list[list[str]], system: Sequence[int] = ()
) -> tuple[EncodedSets, dict]:
    """The sets of conversations; each turn is the user's, then the assistant's. system: rows that begin otherwise."""
    roles = ("user", "assistant")
    lines = [[{"role": roles[i % 2], "content": said} for i, said in enumerate(turns)] for turns in rows]
    for place in system:
        lines[place].insert(0, {"role": "system", "content": "Be brief."})
    (folder / "chat.jsonl").write_text("\n".join(json.dumps({"turns": turns}) for turns in lines) + "\n")
    file = {"path": "chat.jsonl"}
    given = {"train": [file], "test": {"t": file}, "validation_rows": 1, "template": {"messages": "turns"}}
    job = Recipe.model_validate({"name": "r", "task": "chat", "data": given})
    dataset = Dataset(job.data, folder, 1, task="chat")
    receipt = encode_sets(job, dataset, tokenizer, folder / "encoded", folder / "quarantine.jsonl", causal=True)
    return EncodedSets(folder / "encoded"), receipt.to_json()


def test_conversations_are_kept_with_what_their_last_answer_answers(tmp_path, make):
    tokenizer = make("llama", TINYLLAMA)
    rows = [[f"hi {n}", f"hello {n}", "more", f"no {n}"] for n in range(12)]
    sets, receipt = chat(tmp_path, tokenizer, rows)
    texts, ids = sets.texts("test:t"), sets.ids("test:t")
    assert ids.causal
    assert len(texts) == len(ids) == 12
    for place, (row, turns) in enumerate(zip(texts, rows, strict=True)):
        assert (row["source"], row["target"]) == ("more", turns[3])
        assert [message["content"] for message in row["messages"]] == turns[:3]
        assert row["bytes"] == len(turns[1]) + len(turns[3])
        prompt = prompt_ids([Message(**message) for message in row["messages"]], tokenizer)
        sequence = ids[place].input_ids.tolist()
        assert sequence[: len(prompt)] == prompt
        assert tokenizer.decode(sequence[len(prompt) :]) == turns[3]
        assert ids[place].labels.tolist() == [sequence[at] for at in ids[place].places]
    lengths = receipt["splits"]["test:t"]
    assert lengths["source_tokens"] + lengths["target_tokens"] == int(ids.input_lengths.sum())
    assert lengths["target_tokens"] == int(ids.label_counts.sum())


def test_texts_for_a_causal_model_hold_no_messages(tmp_path, make):
    write(tmp_path / "train.tsv", [f"a{n}:\tb{n}" for n in range(20)])
    write(tmp_path / "test.tsv", ["x:\ty"])
    job = recipe(test={"t": {"path": "test.tsv"}}, validation_rows=2)
    dataset = Dataset(job.data, tmp_path, 1)
    encode_sets(job, dataset, make("gpt2"), tmp_path / "encoded", tmp_path / "quarantine.jsonl", causal=True)
    sets = EncodedSets(tmp_path / "encoded")
    (row,) = sets.texts("test:t")
    assert {**row, "file": ""} == {"source": "x:", "target": "y", "level": None, "file": "", "row": 1, "bytes": 1}
    assert make("gpt2").decode(sets.ids("test:t")[0].input_ids.tolist()) == "x:y"


def test_what_a_chat_template_refuses_is_put_aside_and_counted(tmp_path, make):
    """Here, conversations that begin with a system message."""
    rows = [[f"hi {n}", f"hello {n}"] for n in range(11)]
    sets, receipt = chat(tmp_path, make("llama", BRACKETS), rows, system=[3, 7])
    counts = {split: found["quarantined"] for split, found in receipt["splits"].items()}
    assert counts["test:t"] == counts["train"] + counts["validation"] == 2
    bad = [json.loads(line) for line in (tmp_path / "quarantine.jsonl").read_text().splitlines()]
    assert sorted(row["row"] for row in bad) == [4, 4, 8, 8]
    assert counts == {split: sum(row["split"] == split for row in bad) for split in counts}
    assert all(row["reason"].startswith("the chat template refuses the conversation (") for row in bad)
    assert [row["row"] for row in sets.texts("test:t")] == [1, 2, 3, 5, 6, 7, 9, 10, 11]
    assert len(sets.ids("test:t")) == 9


def test_what_there_is_to_say_of_rows_is_said_once(tmp_path, make, capsys):
    rows = [["hi", f"hello {n}", "more", "no"] for n in range(12)]
    chat(tmp_path, make("lfm2", THOUGHTFUL), rows)
    said = [line for line in capsys.readouterr().err.splitlines() if "not all answers are learnt" in line]
    assert [line.partition(" rows")[0] for line in said] == ["validation: 1", "test:t: 12", "train: 11"]


def test_encoding_twice_gives_the_same_files(folder, words):
    sets, _, _ = encoded(folder, words)
    before = sets.ids_path("train").read_bytes()
    sets, _, _ = encoded(folder, words)
    assert sets.ids_path("train").read_bytes() == before


def test_a_training_set_of_which_nothing_is_left_is_an_error(folder, words):
    with pytest.raises(RequestError, match="no training row is left") as error:
        encoded(folder, words, max_source_length=1)
    assert "source over 1 tokens" in str(error.value)
    assert not (folder / "encoded").exists()


def test_the_vocabulary_is_learnt_from_the_training_rows_alone(tmp_path):
    rows = [f"wort{i} ein\tword{i} one" for i in range(200)]
    write(tmp_path / "train.tsv", rows)
    write(tmp_path / "validation.tsv", ["日本\tJapan"])
    job = Recipe.model_validate(
        {
            "name": "r", "tokenizer": {"vocabulary_size": 380, "character_coverage": 1.0},
            "data": {"train": [{"path": "train.tsv"}], "validation": {"path": "validation.tsv"}},
        }
    )  # fmt: skip
    train_tokenizer(job, Dataset(job.data, tmp_path, 1), tmp_path / "tokenizer")
    tokenizer = Tokenizer.load(tmp_path / "tokenizer")
    assert tokenizer.vocabulary_size == 380
    assert "<0xE6>" in tokenizer.pieces(tokenizer.encode("日"))  # not seen, so spelt in bytes
    assert tokenizer.decode(tokenizer.encode("wort7 日本")) == "wort7 日本"
