"""Data sets under their real names, in Parquet as the real ones are laid out."""

from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hub import entities, sentences

IITB_ROWS = {"train": 240, "validation": 24, "test": 32}
INDICVAULT_ROWS = 200  # failures included
INDICVAULT_FAILURES = 20
CONLL_ROWS = {"train": 120, "validation": 24, "test": 24}
NER_TAGS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
SCRIPT = '"""A loading script, as data sets once were."""\n\nraise SystemExit("never run")\n'


def build_datasets(folder: Path) -> None:
    """Write all data sets into `folder`, which is the tree's `datasets`."""
    _iitb(folder / "cfilt/iitb-english-hindi")
    _indicvault(folder / "maya-research/IndicVault")
    _conll_of_scripts(folder / "eriktks")
    _conll(folder / "lhoestq/conll2003/data", "{split}-00000-of-00001.parquet")


def _iitb(folder: Path) -> None:
    translation = pa.struct([("en", pa.string()), ("hi", pa.string())])
    pairs = iter(sentences.english_hindi(sum(IITB_ROWS.values()), seed=20))
    for split, count in IITB_ROWS.items():  # no pair is in two splits
        rows = [{"en": english, "hi": hindi} for english, hindi in islice(pairs, count)]
        table = pa.table({"translation": pa.array(rows, translation)})
        _write(table, folder / f"data/{split}-00000-of-00001.parquet")
    text = {"dtype": "string", "_type": "Value"}
    information = {
        "features": {"translation": {"en": text, "hi": text}},
        "builder_name": "json",
        "config_name": "default",
        "splits": {split: {"name": split, "num_examples": count} for split, count in IITB_ROWS.items()},
    }
    (folder / "dataset_infos.json").write_text(json.dumps({"cfilt--iitb-english-hindi": information}))
    (folder / "README.md").write_text("---\nlanguage:\n- en\n- hi\n---\n\nSentence pairs.\n")


def _indicvault(folder: Path) -> None:
    """Two configurations, so that one has to be named; among the rows of the first, answers that are failures."""
    pairs = sentences.hinglish(INDICVAULT_ROWS, seed=21)
    for i, row in enumerate(random.Random(22).sample(range(INDICVAULT_ROWS), INDICVAULT_FAILURES)):
        pairs[row] = (pairs[row][0], sentences.FAILURES[i % len(sentences.FAILURES)])
    _write(_columns(question=[q for q, _ in pairs], response=[a for _, a in pairs]), folder / "Hinglish/train.parquet")
    hindi = sentences.english_hindi(10, seed=23)
    _write(_columns(question=[q for q, _ in hindi], response=[a for _, a in hindi]), folder / "Hindi/train.parquet")
    configs = "".join(
        f"- config_name: {name}\n  data_files:\n  - split: train\n    path: {name}/train*\n"
        for name in ("Hinglish", "Hindi")
    )
    (folder / "README.md").write_text(f"---\nconfigs:\n{configs}---\n\nQuestions and answers.\n")


def _conll_of_scripts(owner: Path) -> None:
    """A script on the main branch, and the hub's own conversion to Parquet on another."""
    (owner / "conll2003").mkdir(parents=True)
    (owner / "conll2003/conll2003.py").write_text(SCRIPT)
    (owner / "conll2003/README.md").write_text("---\nlanguage:\n- en\n---\n\nNamed entities.\n")
    _conll(owner / "conll2003@refs%2Fconvert%2Fparquet/conll2003", "{split}/0000.parquet")


def _conll(folder: Path, path: str) -> None:
    """Tags are numbers; the names that they stand for are in the file's metadata."""
    labels = {"feature": {"names": NER_TAGS, "_type": "ClassLabel"}, "_type": "Sequence"}
    words = {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"}
    features = {"id": {"dtype": "string", "_type": "Value"}, "tokens": words, "ner_tags": labels}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    for seed, (split, count) in enumerate(CONLL_ROWS.items(), start=31):
        rows = entities.sentences(count, seed)
        table = pa.table({
            "id": pa.array([str(i) for i in range(count)]),
            "tokens": pa.array([[word for word, _ in row] for row in rows], pa.list_(pa.string())),
            "ner_tags": pa.array([[NER_TAGS.index(tag) for _, tag in row] for row in rows], pa.list_(pa.int64())),
        })  # fmt: skip
        _write(table.replace_schema_metadata(metadata), folder / path.format(split=split))


def _columns(**texts: list[str]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in texts.items()})


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
