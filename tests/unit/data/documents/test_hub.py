"""Texts of a local folder that is laid out like a data set on the hub, and of a hub that is on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub.fixtures import Hub

from dragoman.base.errors import RequestError
from dragoman.data.documents import pieces_of, read_piece
from dragoman.data.documents.fingerprints import fingerprint
from dragoman.recipe.schema import TextSource


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two data files of three rows each."""
    folder = tmp_path / "set/data"
    folder.mkdir(parents=True)
    for number in range(2):
        texts = [f"text {number}.{row}" for row in range(2)] + [None]
        pq.write_table(pa.table({"text": texts, "n": [1, 2, 3]}), folder / f"train-{number}.parquet")
    return tmp_path


def test_a_piece_a_data_file(data: Path) -> None:
    source = TextSource(hub="./set")
    pieces = pieces_of([source], data)
    assert [(piece.start, piece.stop) for piece in pieces] == [(0, 1), (1, 2)]
    for number, piece in enumerate(pieces):
        (documents,) = read_piece(piece, source)
        assert documents.table["text"].to_pylist() == [f"text {number}.0", f"text {number}.1"]
        assert documents.table["row"].to_pylist() == [1, 2]
        assert [(bad.row, bad.reason) for bad in documents.bad] == [(3, "no text in 'text'")]
    assert len({fingerprint(piece, source) for piece in pieces}) == 2


def test_the_first_rows(data: Path) -> None:
    source = TextSource(hub="./set", rows=4)
    pieces = pieces_of([source], data)
    assert [sum(one.table.num_rows + len(one.bad) for one in read_piece(piece, source)) for piece in pieces] == [3, 1]


REFUSED = [({"column": "txt"}, "did you mean 'text'?"), ({"column": "n"}, "no text"), ({"split": "tst"}, "tst")]


@pytest.mark.parametrize(("keys", "said"), REFUSED)
def test_what_is_refused(data: Path, keys: dict[str, str], said: str) -> None:
    with pytest.raises(RequestError) as error:
        pieces_of([TextSource(hub="./set", **keys)], data)
    assert said in str(error.value)


RECIPE = """
name: texts
corpus:
  sources: [{hub: cfilt/iitb-english-hindi, column: translation.en, split: test, language: en}]
  duplicates: {minhash: null}
"""


def test_a_corpus_from_a_hub(hub: Hub, tmp_path: Path) -> None:
    """By its name, in a process that knows this hub; again, it finds all done."""
    (tmp_path / "texts.yaml").write_text(RECIPE)
    for said in ("read", "1 of 1 shards were done before"):
        done = hub.run(
            "-m", "dragoman.cli.main", "corpus", "clean", "texts.yaml", "--workers", 1,
            home=tmp_path / "home", folder=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert said in done.stderr
    receipt = json.loads((tmp_path / "runs/texts/corpus/receipt.json").read_text())
    assert receipt["kept"]["documents"] > 0
    (shard,) = (tmp_path / "runs/texts/corpus/shards").iterdir()
    assert set(pq.read_table(shard)["file"].to_pylist()) == {"cfilt/iitb-english-hindi/test/0"}
