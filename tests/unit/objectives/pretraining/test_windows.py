"""From text to shards to windows: whole, the same whoever made them, and masked by a function of their place."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from unit.objectives.pretraining.made import sentences

from dragoman.base.errors import ChangedError, DragomanError, RequestError
from dragoman.base.files import digest
from dragoman.objectives.pretraining import texts as texts_module
from dragoman.objectives.pretraining.corruption import make_objective
from dragoman.objectives.pretraining.encoding import encode_texts
from dragoman.objectives.pretraining.receipt import receipt_lines
from dragoman.objectives.pretraining.shards import Encoding, _pieces
from dragoman.objectives.pretraining.texts import Texts
from dragoman.objectives.pretraining.windows import Windows
from dragoman.recipe.schema import Pretraining, TextSource, TokenRules
from dragoman.tokenizer.tokenizer import Tokenizer

END = 1


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """400 documents in four files."""
    folder = tmp_path / "text"
    folder.mkdir()
    documents = sentences(400, seed=1)
    for number in range(4):
        (folder / f"{number}.txt").write_text("\n\n".join(documents[100 * number : 100 * number + 100]))
    return folder


def encoding(tokenizer: Tokenizer, **changes: object) -> Encoding:
    keys = {
        "tokenizer": tokenizer.folder, "vocabulary": digest(tokenizer.folder), "begin": False, "rules": TokenRules(),
        "validation_share": 0.1, "seed": 1,
    }  # fmt: skip
    return Encoding(**keys | changes)  # type: ignore[arg-type]


def encode(text: Path, folder: Path, how: Encoding, **options: int) -> dict[str, object]:
    return encode_texts(Texts((TextSource(path="text"),), (), None, text.parent), how, folder, **options)


def windows(folder: Path, split: str, tokenizer: Tokenizer, **keys: object) -> Windows:
    settings = Pretraining.model_validate({"window": 64, **keys})
    return Windows(folder, split, make_objective(settings, tokenizer), settings.window, seed=1)


def ids_of(folder: Path, split: str) -> list[int]:
    parts = [np.fromfile(path, dtype=np.uint16) for path in sorted(folder.glob(f"shard-*/{split}.bin"))]
    return np.concatenate(parts).tolist()


def test_every_document_is_in_one_split_with_its_end(text, tmp_path, tokenizer):
    receipt = encode(text, tmp_path / "out", encoding(tokenizer))
    every = {tuple(ids): 0 for ids in tokenizer.encode_batch(sentences(400, seed=1))}
    for split in ("train", "validation"):
        document: list[int] = []
        for id in ids_of(tmp_path / "out", split):
            if id == END:
                every[tuple(document)] += 1
                document = []
            else:
                document.append(id)
        assert not document, "a shard ends in the midst of a document"
    assert set(every.values()) == {1}
    assert receipt["read"] == 400
    assert receipt["documents"]["train"] + receipt["documents"]["validation"] == 400
    assert 20 < receipt["documents"]["validation"] < 65  # of 40


@pytest.mark.parametrize("workers", [2, 3])
def test_the_shards_are_the_same_whoever_makes_them(workers, text, tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(texts_module, "PART_BYTES", 6000)
    encode(text, tmp_path / "one", encoding(tokenizer), workers=1)
    encode(text, tmp_path / "many", encoding(tokenizer), workers=workers)
    one = {str(path.relative_to(tmp_path / "one")): path.read_bytes() for path in (tmp_path / "one").rglob("*.*")}
    many = {str(path.relative_to(tmp_path / "many")): path.read_bytes() for path in (tmp_path / "many").rglob("*.*")}
    assert len(one) > 6
    assert one == many


def test_what_is_written_is_kept_and_what_is_outdated_is_not(text, tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(texts_module, "PART_BYTES", 6000)
    out = tmp_path / "out"
    encode(text, out, encoding(tokenizer))
    whole = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob("*.bin")}
    shards = sorted(out.glob("shard-*"))
    assert len(shards) >= 4
    (shards[1] / "manifest.json").unlink()  # as if it had never been finished
    encode(text, out, encoding(tokenizer))
    assert {path: path.read_bytes() for path in out.rglob("*.bin")} == {path: one for path, (one, _) in whole.items()}
    touched = {path.parent.name for path, (_, time) in whole.items() if path.stat().st_mtime_ns != time}
    assert touched == {shards[1].name}
    for damage in (lambda file: os.truncate(file, 6), os.unlink):
        damage(shards[2] / "train.bin")
        encode(text, out, encoding(tokenizer))
        assert (shards[2] / "train.bin").read_bytes() == whole[shards[2] / "train.bin"][0]
    (text / "3.txt").unlink()
    encode(text, out, encoding(tokenizer))
    assert len(list(out.glob("shard-*"))) < len(shards)
    before = ids_of(out, "train")
    encode(text, out, encoding(tokenizer, validation_share=0.2))
    assert len(ids_of(out, "train")) < len(before)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: os.truncate(file, 400), "was changed while it was being read"),
        (os.unlink, "has gone while it was needed"),
    ],
)
def test_text_that_changes_while_it_is_read_leaves_no_shard(change, said, text, tmp_path, tokenizer, monkeypatch):
    """Half of it would else stand there as all of it, once the file is as it was."""
    monkeypatch.setattr(texts_module, "PART_BYTES", 6000)
    encode(text, tmp_path / "whole", encoding(tokenizer))
    content, read = (text / "2.txt").read_bytes(), Texts.documents

    def documents(self, part):
        if part.name.endswith("2.txt"):
            change(text / "2.txt")
        return read(self, part)

    with monkeypatch.context() as patch:
        patch.setattr(Texts, "documents", documents)
        with pytest.raises(ChangedError, match=rf"2\.txt: {said}") as stopped:
            encode(text, tmp_path / "out", encoding(tokenizer))
    assert "nothing that is done is lost" in str(stopped.value)
    done = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert done
    (text / "2.txt").write_bytes(content)
    kept = {name: (tmp_path / "out" / name / "train.bin").stat().st_mtime_ns for name in done}
    encode(text, tmp_path / "out", encoding(tokenizer))
    assert {name: (tmp_path / "out" / name / "train.bin").stat().st_mtime_ns for name in done} == kept
    assert ids_of(tmp_path / "out", "train") == ids_of(tmp_path / "whole", "train")


def test_equal_documents_stay_on_one_side(tmp_path, tokenizer):
    folder = tmp_path / "text"
    folder.mkdir()
    documents = sentences(60, seed=3)
    twice = [*documents, *(text.upper() if n % 2 else f" {text}" for n, text in enumerate(documents))]
    (folder / "a.txt").write_text("\n".join(twice))
    texts = Texts((TextSource(path="text", document="line"),), (), None, tmp_path)
    receipt = encode_texts(texts, encoding(tokenizer, validation_share=0.3), tmp_path / "out")
    assert receipt["documents"]["validation"] % 2 == 0


def test_rules_drop_documents_and_say_so(text, tmp_path, tokenizer):
    lengths = [len(ids) for ids in tokenizer.encode_batch(sentences(400, seed=1))]
    rules = TokenRules(min_tokens=20, max_tokens=60)
    receipt = encode(text, tmp_path / "out", encoding(tokenizer, rules=rules))
    short, long = sum(length < 20 for length in lengths), sum(length > 60 for length in lengths)
    assert short
    assert long
    assert receipt["dropped"] == {"fewer than 20 tokens": short, "more than 60 tokens": long}
    said = "\n".join(receipt_lines(receipt))
    assert "400 documents were read" in said
    assert f"{short} documents dropped: fewer than 20 tokens" in said


def test_nothing_to_learn_from_is_refused(text, tmp_path, tokenizer):
    with pytest.raises(RequestError, match="no document is left") as refused:
        encode(text, tmp_path / "out", encoding(tokenizer, rules=TokenRules(min_tokens=5000)))
    assert "fewer than 5000 tokens (400)" in str(refused.value)


def test_nothing_to_measure_on_is_refused(text, tmp_path, tokenizer):
    with pytest.raises(RequestError) as refused:
        encode(text, tmp_path / "out", encoding(tokenizer, validation_share=1e-9))
    assert refused.value.where == "pretraining.validation_share"


# ---- windows ----


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> Path:
    """Three shards."""
    folder = tmp_path_factory.mktemp("windows")
    for name, count in (("a", 200), ("b", 80), ("c", 3)):
        (folder / f"{name}.txt").write_text("\n\n".join(sentences(count, seed=ord(name))))
    sources = tuple(TextSource(path=f"{name}.txt") for name in "abc")
    encode_texts(Texts(sources, (), None, folder), encoding(tokenizer), folder / "out")
    return folder / "out"


def test_windows_cover_every_token_once(shards, tokenizer):
    found = windows(shards, "train", tokenizer, objective="infilling")
    together = [int(id) for number in range(len(found)) for id in list(found[number].labels)[:-1]]
    assert together == ids_of(shards, "train")
    assert found.tokens == len(together)
    lengths = np.array([len(found[number].labels) - 1 for number in range(len(found))])
    assert lengths.max() <= 64
    assert (lengths > 48).mean() > 0.9  # no short rests: only a shard that is short itself
    with pytest.raises(IndexError):
        found[len(found)]


def test_every_token_but_a_shards_first_is_foretold(shards, tokenizer):
    found = windows(shards, "train", tokenizer, objective="causal")
    together = [int(id) for number in range(len(found)) for id in found[number].labels]
    parts = [np.fromfile(path, dtype=np.uint16).tolist() for path in sorted(shards.glob("shard-*/train.bin"))]
    assert together == [id for part in parts for id in part[1:]]


def test_a_window_is_masked_by_seed_epoch_and_place_alone(shards, tokenizer):
    found = windows(shards, "train", tokenizer)
    first, second = found.at(0), found.at(1)
    masked = [list(one[3].labels) for one in (first, second, found.at(0), windows(shards, "train", tokenizer).at(0))]
    assert masked[0] == masked[2] == masked[3]
    assert masked[0] != masked[1]
    assert list(found[3].labels) not in masked[:2]  # what is measured on is masked in a way of its own
    order = [list(first[number].input_ids) for number in reversed(range(len(first)))]
    assert order == [list(first[number].input_ids) for number in range(len(first))][::-1]
    other = Windows(shards, "train", found.objective, 64, seed=2).at(0)
    assert list(other[3].labels) != masked[0]


def test_planned_lengths_are_near_and_mix_shards(shards, tokenizer):
    found = windows(shards, "train", tokenizer)
    real = np.array([(len(row.input_ids), len(row.labels)) for row in (found[n] for n in range(len(found)))])
    assert (np.abs(real[:, 0] - found.input_lengths) < 12).all()
    assert abs(int(real.sum()) - int(found.input_lengths.sum() + found.label_counts.sum())) < 0.08 * real.sum()
    assert len(set(found.input_lengths.tolist())) <= 3


def test_a_damaged_shard_is_refused(shards, tmp_path, tokenizer):
    shutil.copytree(shards, tmp_path / "copy")
    file = next((tmp_path / "copy").glob("shard-*/train.bin"))
    file.write_bytes(file.read_bytes()[:-2])
    with pytest.raises(DragomanError, match="damaged"):
        windows(tmp_path / "copy", "train", tokenizer)


@pytest.mark.parametrize("length", [10, 0])
def test_a_shard_that_is_cut_while_it_is_in_use_is_found_out(length, shards, tmp_path, tokenizer):
    shutil.copytree(shards, tmp_path / "copy")
    found = windows(tmp_path / "copy", "train", tokenizer)
    first = found[0]
    os.truncate(tmp_path / "copy/shard-00000/train.bin", length)
    with pytest.raises(ChangedError, match=r"shard-00000/train\.bin: was cut or overwritten while it was in use"):
        found[0]
    assert len(first.input_ids) > 10  # what was read is a copy
    assert len(found[len(found) - 1].input_ids)  # the other shards are as they were


def test_a_shard_that_is_deleted_can_still_be_read(shards, tmp_path, tokenizer):
    shutil.copytree(shards, tmp_path / "copy")
    found = windows(tmp_path / "copy", "train", tokenizer)
    shutil.rmtree(tmp_path / "copy")
    assert list(found[1].labels) == list(windows(shards, "train", tokenizer)[1].labels)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files as Linux tells them")
def test_a_shard_takes_one_open_file(shards, tokenizer):
    before = len(os.listdir("/proc/self/fd"))
    found = windows(shards, "train", tokenizer)
    assert len(found[0].input_ids)
    assert len(os.listdir("/proc/self/fd")) == before + len(list(shards.glob("shard-*")))


def test_manifests_say_what_a_shard_was_made_from(shards):
    manifest = json.loads(next(shards.glob("shard-*/manifest.json")).read_text())
    assert manifest["read"] == sum(manifest["documents"].values())
    assert len(manifest["key"]) == 64


def test_long_texts_are_tokenised_in_pieces(tokenizer):
    text = " ".join(sentences(700, seed=9))
    pieces = list(_pieces(text))
    assert len(pieces) > 1
    assert " ".join(pieces) == text
    assert max(map(len, pieces)) <= 1 << 15
    together = [id for ids in tokenizer.encode_batch(pieces) for id in ids]
    assert together == tokenizer.encode(text)
    assert "".join(_pieces("x" * 100_000)) == "x" * 100_000
