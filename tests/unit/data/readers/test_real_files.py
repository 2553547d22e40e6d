"""The readers on public data: every row that its description promises, with known cells."""

import os
from pathlib import Path

import pytest

from dragoman.data.dataset import Dataset
from dragoman.data.entities import entity_rows, parse_entities
from dragoman.data.readers import column_names, read_source
from dragoman.data.rows import BadRow
from dragoman.recipe.schema import Data, Entities, Source

FOLDER = Path(os.environ.get("DRAGOMAN_REALDATA", "."))
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set"),
]


@pytest.mark.parametrize(
    ("source", "rows", "bad", "columns"),
    [
        (Source(path="de-en/tatoeba.train.tsv"), 165_507, 0, ["de", "en"]),
        (Source(path="en-hi/tatoeba.csv"), 3_118, 1, ["english_text", "hindi_text"]),
        (Source(path="en-hi/wikipedia.train.jsonl"), 8_261, 0, ["translation.en", "translation.hi"]),
        (
            Source(source_path="de-en/multi30k/train.de", target_path="de-en/multi30k/train.en"),
            29_000,
            0,
            ["source", "target"],
        ),
        (Source(path="ner/conll2003/eng.train", format="conll"), 14_041, 0, ["tokens", "ner_tags"]),
        (Source(path="ner/conll2003/eng.testa", format="conll"), 3_250, 0, ["tokens", "ner_tags"]),
        (Source(path="ner/wnut17/wnut17train.conll"), 3_394, 0, ["tokens", "ner_tags"]),
        (Source(path="ner/wnut17/emerging.dev.conll"), 1_009, 0, ["tokens", "ner_tags"]),
        (Source(path="hinglish/chat.train.jsonl"), 1_618, 0, ["messages"]),
    ],
)
def test_every_row_is_read(source, rows, bad, columns):
    read = list(read_source(source, FOLDER))
    assert (len(read), sum(isinstance(row, BadRow) for row in read)) == (rows, bad)
    assert column_names(source, FOLDER) == columns


def test_a_real_spreadsheet():
    rows = list(read_source(Source(path="saudi/SauDial.xlsx", sheet="SADGLD"), FOLDER))
    assert len(rows) == 1000
    assert [row.origin.row for row in rows if row.columns["In-Game Context"] is None] == [976]
    assert rows[0].columns["Localization Difficulty"] == "4"


@pytest.mark.parametrize(
    ("path", "without", "entities", "scheme"),
    [("conll2003/eng.train", 2_909, 23_499, "iob1"), ("wnut17/wnut17train.conll", 2_166, 1_975, "iob2")],
)
def test_real_entities_come_back_from_their_text(path, without, entities, scheme):
    source = Source(path=f"ner/{path}", format="conll")
    read = {name: list(entity_rows(read_source(source, FOLDER), Entities(scheme=name))) for name in ("auto", scheme)}
    assert read["auto"] == read[scheme]
    texts = [row.columns["entities"] for row in read["auto"]]
    parsed = [parse_entities(text) for text in texts]
    assert sum(one.malformed for one in parsed) == 0
    assert (texts.count("None"), sum(len(one.entities) for one in parsed)) == (without, entities)


def test_real_conversations():
    data = Data(train=[Source(path="hinglish/chat.train.jsonl")], template={"messages": "messages"})
    dataset = Dataset(data, FOLDER, 1, task="chat")
    trained, held_out = list(dataset.train()), list(dataset.evaluation("validation"))
    assert (len(trained), len(held_out)) == (1_618 - 161, 161)
    assert trained[0].messages[0].role == "assistant"
    assert not {example.context for example in trained} & {example.context for example in held_out}
