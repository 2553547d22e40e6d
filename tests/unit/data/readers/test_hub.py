"""Data sets in folders that are laid out like those on the hub, and those of the tests' own hub."""

from __future__ import annotations

import errno
import json
import os
import textwrap

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub import tables
from hub.fixtures import NOWHERE, TOKEN

from dragoman.base.errors import RequestError
from dragoman.data.readers import column_names, has_column, read_source, source_files
from dragoman.data.readers.hub import hub_commit
from dragoman.data.readers.hub_errors import explain
from dragoman.data.rows import BadRow
from dragoman.recipe import schema

IITB, VAULT, CONLL = "cfilt/iitb-english-hindi", "maya-research/IndicVault", "eriktks/conll2003"


def rows_of(folder, **keys):
    return list(read_source(schema.Source(hub="./set", **keys), folder))


def fault(folder, **keys):
    with pytest.raises(RequestError) as error:
        read_source(schema.Source(**{"hub": "./set", **keys}), folder)  # at once, not at the first row
    return error.value


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "set").mkdir()
    return tmp_path


class TestFolders:
    def test_splits_are_told_by_file_names(self, folder):
        for split in ("train", "validation", "test"):
            (folder / f"set/{split}.jsonl").write_text(
                "".join(json.dumps({"en": f"{split} {i}", "meta": {"n": i, "tags": [split]}}) + "\n" for i in range(3))
            )
        rows = rows_of(folder, split="validation")
        assert [row.columns for row in rows] == [
            {"en": f"validation {i}", "meta": {"n": i, "tags": ["validation"]}} for i in range(3)
        ]
        assert [str(row.origin) for row in rows] == [f"./set/validation:{i}" for i in (1, 2, 3)]
        assert column_names(schema.Source(hub="./set"), folder) == ["en", "meta.n", "meta.tags"]
        assert has_column(schema.Source(hub="./set"), folder, "meta.n")
        assert not has_column(schema.Source(hub="./set"), folder, "meta")

    def test_the_folder_is_what_a_stage_depends_on(self, folder):
        pq.write_table(pa.table({"n": [1]}), folder / "set/train.parquet")
        source = schema.Source(hub="./set")
        assert source_files(source, folder) == [folder / "set"]
        before = hub_commit(source, folder)
        assert before == hub_commit(source, folder)
        pq.write_table(pa.table({"n": [2]}), folder / "set/train.parquet")
        assert hub_commit(source, folder) != before

    def test_what_is_read_is_what_lies_there_now(self, folder):
        (folder / "set/train.csv").write_text("n\n1\n")
        first = rows_of(folder)
        (folder / "set/train.csv").write_text("n\n2\n")
        assert [row.columns["n"] for row in first + rows_of(folder)] == [1, 2]

    def test_large_files_are_read_in_order(self, folder):
        for part in range(2):
            numbers = list(range(part * 1500, part * 1500 + 1500))
            pq.write_table(pa.table({"n": numbers}), folder / f"set/train-{part}.parquet", row_group_size=700)
        rows = rows_of(folder)
        assert [row.columns["n"] for row in rows] == list(range(3000))
        assert [row.origin.row for row in rows] == list(range(1, 3001))

    def test_text_that_is_not_utf8_costs_one_row(self, folder):
        raw = pa.array([b"a", b"\xff", b"c"], pa.binary()).view(pa.string())
        pq.write_table(pa.table({"a": raw}), folder / "set/train.parquet")
        assert [isinstance(row, BadRow) for row in rows_of(folder)] == [False, True, False]

    def test_configurations_are_named_in_the_card(self, folder):
        configs = ""
        for name in ("hindi", "hinglish"):
            (folder / f"set/{name}").mkdir()
            (folder / f"set/{name}/train.jsonl").write_text(json.dumps({"text": name}))
            configs += f"- config_name: {name}\n  data_files:\n  - split: train\n    path: {name}/*\n"
        (folder / "set/README.md").write_text(f"---\nconfigs:\n{configs}---\n")
        assert [row.columns["text"] for row in rows_of(folder, config="hinglish")] == ["hinglish"]
        none, wrong = fault(folder), fault(folder, config="hinglis")
        assert "has several configurations" in str(none)
        assert none.hint == "name one with the key config: 'hindi', 'hinglish'"
        assert "has no configuration 'hinglis'" in str(wrong)
        assert wrong.hint.endswith("did you mean 'hinglish'?")

    def test_an_unknown_split_lists_the_known_ones(self, folder):
        for split in ("train", "test"):
            (folder / f"set/{split}.jsonl").write_text('{"a": 1}')
        error = fault(folder, split="tset")
        assert str(error).startswith("./set: has no split 'tset'")
        assert error.hint == "its splits are 'train', 'test'; did you mean 'test'?"

    def test_a_configuration_of_a_folder_without_any(self, folder):
        (folder / "set/train.jsonl").write_text('{"a": 1}')
        assert "has no configuration 'en'" in str(fault(folder, config="en"))

    def test_faults_of_the_folder(self, folder):
        assert "has no data files that can be read" in str(fault(folder))
        assert "does not exist" in str(fault(folder, hub="./nowhere"))
        (folder / "a.jsonl").write_text('{"a": 1}')
        assert "is a file, not a folder" in str(fault(folder, hub="./a.jsonl"))
        assert "has no revisions" in str(fault(folder, revision="main"))
        (folder / "set/set.py").write_text("raise SystemExit\n")
        script = fault(folder)
        assert "scripts are no longer run" in str(script)
        assert "refs/convert/parquet" in script.hint

    def test_a_damaged_file_is_an_error(self, folder):
        pq.write_table(pa.table({"a": ["x"] * 1000}), folder / "set/train.parquet")
        (folder / "set/train.parquet").write_bytes((folder / "set/train.parquet").read_bytes()[:-40])
        for look in (column_names, lambda *where: list(read_source(*where))):
            with pytest.raises(RequestError, match=r"\./set: cannot be read"):
                look(schema.Source(hub="./set"), folder)


def test_a_full_disk_is_no_fault_of_the_data():
    try:
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/cache")
        except OSError as error:
            raise ValueError("An error occurred while generating the dataset") from error
    except ValueError as error:
        said = explain(error, "a/b", None)
    assert (said.message, said.where, said.exit_code) == ("the disk is full", "/cache", 3)


def with_features(table, features):
    return table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def test_classes_become_their_names_at_any_depth(folder):
    label = {"names": ["O", "B-PER"], "_type": "ClassLabel"}
    tags = {"feature": label, "_type": "Sequence"}
    text = {"dtype": "string", "_type": "Value"}
    table = pa.table({
        "label": pa.array([1, -1, None]),
        "tags": pa.array([[0, 1], [], None], pa.list_(pa.int64())),
        "inner": pa.array([{"kind": 1, "text": "a"}, {"kind": None, "text": "b"}, None]),
        "deep": pa.array([[{"tags": [1]}], [], None], pa.list_(pa.struct([("tags", pa.list_(pa.int64()))]))),
        "plain": pa.array([1, 0, 1]),
    })  # fmt: skip
    features = {
        "label": label, "tags": tags, "inner": {"kind": label, "text": text},
        "deep": [{"tags": tags}], "plain": {"dtype": "int64", "_type": "Value"},
    }  # fmt: skip
    pq.write_table(with_features(table, features), folder / "set/train.parquet")
    assert [row.columns for row in rows_of(folder)] == [
        {"label": "B-PER", "tags": ["O", "B-PER"], "inner": {"kind": "B-PER", "text": "a"},
         "deep": [{"tags": ["B-PER"]}], "plain": 1},
        {"label": None, "tags": [], "inner": {"kind": None, "text": "b"}, "deep": [], "plain": 0},
        {"label": None, "tags": None, "inner": None, "deep": None, "plain": 1},
    ]  # fmt: skip
    assert column_names(schema.Source(hub="./set"), folder) == [
        "label", "tags", "inner.kind", "inner.text", "deep", "plain",
    ]  # fmt: skip


# ---- through the loopback hub, in processes of their own ----

LOOK = """
    import json, os, sys
    from pathlib import Path
    from dragoman.base.errors import RequestError
    from dragoman.data.readers import column_names, read_source, source_files
    from dragoman.data.readers.hub import hub_commit
    from dragoman.recipe import schema

    def look(keys):
        os.environ["HF_TOKEN"] = keys.pop("token", "")
        source = schema.Source(**keys)
        try:
            files = source_files(source, Path())
            rows = list(read_source(source, Path()))
            first = rows[0]
            return {
                "files": files, "commit": hub_commit(source, Path()), "columns": column_names(source, Path()),
                "rows": len(rows), "first": first.columns, "origin": str(first.origin),
            }
        except RequestError as error:
            return {"where": error.where, "message": error.message, "hint": error.hint}

    print(json.dumps([look(keys) for keys in json.loads(sys.argv[1])]))
"""


def look(hub, home, *sources, **options):
    words = ["-c", textwrap.dedent(LOOK), json.dumps(sources)]
    done = hub.run(*words, home=home, folder=home.parent, **options)
    assert done.returncode == 0, done.stderr
    return [done.stderr, *json.loads(done.stdout.splitlines()[-1])]


PARQUET = "refs/convert/parquet"
READ = {
    "iitb": {"hub": IITB}, "stream": {"hub": IITB, "streaming": True},
    "some": {"hub": IITB, "split": "test", "rows": 5},
    "vault": {"hub": VAULT, "config": "Hinglish"}, "tags": {"hub": CONLL, "revision": PARQUET, "split": "validation"},
    "short": {"hub": "conll2003", "revision": PARQUET, "streaming": True},
}  # fmt: skip
REFUSED = {
    "script": {"hub": CONLL}, "several": {"hub": VAULT}, "config": {"hub": VAULT, "config": "Hinglis"},
    "split": {"hub": IITB, "split": "dev"}, "absent": {"hub": "cfilt/iitb-english-hindu"},
    "revision": {"hub": IITB, "revision": "v9"}, "name": {"hub": "a/b/c"}, "gated": {"hub": "lhoestq/conll2003"},
    "builder": {"hub": "csv"},
}  # fmt: skip
OFFLINE = {
    "iitb": {"hub": IITB}, "other": {"hub": IITB, "revision": "0" * 40}, "unseen": {"hub": "no/one"},
    "vault": {"hub": VAULT, "config": "Hinglish"},
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("hub") / "home"


@pytest.fixture(scope="module")
def online(hub, home):
    (home.parent / IITB).mkdir(parents=True)  # a folder of that name in the working folder is another matter
    (home.parent / IITB / "train.jsonl").write_text('{"wrong": 1}')
    hub.server.gated["lhoestq/conll2003"] = TOKEN
    try:
        said, *found = look(hub, home, *READ.values(), *REFUSED.values(), {**REFUSED["gated"], "token": TOKEN})
    finally:
        del hub.server.gated["lhoestq/conll2003"]
    return dict(zip(["said", *READ, *REFUSED, "let in"], [said, *found], strict=True))


def test_a_split_is_read_whole(online):
    found = online["iitb"]
    assert (found["rows"], found["files"]) == (tables.IITB_ROWS["train"], [])
    assert found["columns"] == ["translation.en", "translation.hi"]
    assert set(found["first"]["translation"]) == {"en", "hi"}
    assert found["origin"] == f"{IITB}/train:1"
    assert len(found["commit"]) == 40


def test_nothing_is_said_but_what_is_downloaded(online):
    assert online["said"].splitlines() == [f"downloading {name}" for name in (IITB, VAULT, CONLL, "lhoestq/conll2003")]


def test_a_stream_is_the_same(online):
    assert online["stream"] == online["iitb"]


def test_only_the_first_rows(online):
    assert (online["some"]["rows"], online["some"]["origin"]) == (5, f"{IITB}/test:1")


def test_a_configuration(online):
    assert (online["vault"]["columns"], online["vault"]["rows"]) == (["question", "response"], tables.INDICVAULT_ROWS)


@pytest.mark.parametrize("name", ["tags", "short"])
def test_a_revision_and_the_names_of_tags(online, name):
    found = online[name]
    assert found["columns"] == ["id", "tokens", "ner_tags"]
    assert set(found["first"]["ner_tags"]) <= set(tables.NER_TAGS)
    assert len(found["first"]["tokens"]) == len(found["first"]["ner_tags"])
    assert found["rows"] == tables.CONLL_ROWS["validation" if name == "tags" else "train"]


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("script", "scripts are no longer run", f"revision: {PARQUET}"),
        ("several", "has several configurations", "'Hinglish', 'Hindi'"),
        ("config", "has no configuration 'Hinglis'", "did you mean 'Hinglish'?"),
        ("split", "has no split 'dev'", "its splits are 'train', 'validation', 'test'"),
        ("absent", "there is no such data set on the hub, or it is private", "HF_TOKEN"),
        ("revision", "has no revision 'v9'", "a branch, a tag or a commit"),
        ("name", "is no name of a data set", "OWNER/NAME"),
        ("gated", "may only be read by those whom its owners let in", "set HF_TOKEN"),
        ("builder", "there is no such data set", "./NAME"),
    ],
)
def test_each_fault_says_what_to_do(online, name, message, hint):
    found = online[name]
    assert found["where"] == REFUSED[name]["hub"]
    assert message in found["message"]
    assert hint in found["hint"]


def test_a_token_opens_the_gate(online):
    assert online["let in"]["rows"] == tables.CONLL_ROWS["train"]


def test_without_a_network_the_cache_stands_in_at_its_own_commit(hub, home, online):
    said, *looks = look(hub, home, *OFFLINE.values(), url=NOWHERE)
    found = dict(zip(OFFLINE, looks, strict=True))
    assert said == ""
    assert found["iitb"] == online["iitb"]
    assert found["vault"] == online["vault"]
    for name in ("other", "unseen"):
        assert "cannot be reached, and what is needed of it is not in the cache" in found[name]["message"]
        assert found[name]["hint"] == "connect to the network, or read local files with path"
