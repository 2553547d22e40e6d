import json
import os
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import tokenizers
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.tokenizer import tokenizer as module
from dragoman.tokenizer.cleaning import clean
from dragoman.tokenizer.specials import LITERALS
from dragoman.tokenizer.tokenizer import AT_ONCE, Tokenizer
from dragoman.tokenizer.unigram import MODEL_FILE, TOKENIZER_FILE, train_unigram

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=30)
SCRIPTS = st.text(
    st.sampled_from("aäßÅéñčžаяאבעمرحبा़क्षि한글カ猫é\u0301\u0308\u0338\u200d\u200c👩🇩🇪\ufe0f½² \u00a0\t\n▁▅⁇<>/0A"),
    max_size=15,
)
TEXT = st.lists(ANYTHING | SCRIPTS | st.sampled_from(sorted(LITERALS)), max_size=6).map("".join)


@settings(max_examples=2000, deadline=None, derandomize=True)
@given(text=TEXT)
@example(text="")
@example(text=" ▁ a")
@example(text="<</s>>< /s></s")
def test_round_trip(tokenizer, text):
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == clean(text)
    assert not {0, 1, 2, *tokenizer.sentinel_ids} & set(ids)


@pytest.mark.parametrize("context", ["{}", "a{}b", " {} {} ", "läuft {}.", "<{}>", "{}{}"])
def test_no_literal_becomes_special(tokenizer, context):
    texts = [context.replace("{}", literal) for literal in sorted(LITERALS)]
    special = {0, 1, 2, *tokenizer.sentinel_ids}
    bytes_of_ascii = set(range(3, 3 + 0x20)) | {3 + 0x7F}  # what "<0x0A>" would become
    for text, ids in zip(texts, tokenizer.encode_batch(texts), strict=True):
        assert not (special | bytes_of_ascii) & set(ids), text
        assert tokenizer.decode(ids) == clean(text)
        assert tokenizer.decode(ids).replace(" ", "") == text.replace(" ", "")


def test_batch_is_each_alone_in_order(tokenizer, lines):
    texts = [*(lines * 3)[: AT_ONCE + 10], "", " "]
    together = tokenizer.encode_batch(texts)
    assert len(together) == len(texts)
    assert together[-2:] == [[], []]
    for place in (0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 9):
        assert together[place] == tokenizer.encode(texts[place])
    assert tokenizer.encode_batch([]) == []
    assert [tokenizer.decode(ids) for ids in together] == [clean(text) for text in texts]


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(text=st.lists(TEXT | st.sampled_from(["läuft", " ", "7", "straßen."]), max_size=8).map(" ".join))
@example(text="läuft läuft\u3000läuft")
def test_words_have_the_ids_that_they_have_in_their_text(tokenizer, text):
    assert tokenizer.encode(text) == tokenizer._backend.encode(clean(text), add_special_tokens=False).ids


def test_not_all_words_are_remembered(folder, lines, monkeypatch):
    expected = Tokenizer.load(folder).encode_batch(lines)
    monkeypatch.setattr(module, "MOST_CHARACTERS", 100)
    few = Tokenizer.load(folder)
    assert [few.encode(line) for line in lines] == expected
    assert len(few._words) < 40


def test_special_ids(tokenizer):
    assert (tokenizer.pad_id, tokenizer.eos_id, tokenizer.unk_id) == (0, 1, 2)
    assert tokenizer.vocabulary_size == 700
    assert tokenizer.sentinel_ids == list(range(699, 599, -1))
    assert tokenizer.pieces([0, 1, 2, 3, 258, 699, 600]) == [
        "<pad>", "</s>", "<unk>", "<0x00>", "<0xFF>", "<extra_id_0>", "<extra_id_99>",
    ]  # fmt: skip


def test_pieces_spell_the_text(tokenizer):
    text = "Laufen 7 straßen!"
    assert "".join(tokenizer.pieces(tokenizer.encode(text))) == "▁" + text.replace(" ", "▁")


def test_decode_drops_specials_and_nothing_else(tokenizer):
    ids = tokenizer.encode("laufen hün")
    dressed = [0, *[id for pair in zip(ids, tokenizer.sentinel_ids, strict=False) for id in pair], 1, 0, 0]
    assert tokenizer.decode(dressed) == "laufen hün"
    assert tokenizer.decode([0, 1]) == ""
    assert tokenizer.decode([*ids, 2]) == "laufen hün\ufffd"


def test_decode_bytes(tokenizer):
    def spelt(data: bytes) -> list[int]:
        return [3 + byte for byte in data]

    letter = tokenizer.encode("a")
    assert tokenizer.decode(spelt("😀é".encode())) == "😀é"
    # A character cut short, or a stray byte, takes nothing of its neighbours with it.
    assert tokenizer.decode(spelt("😀".encode() + b"\xff" + "é".encode())) == "😀\ufffdé"
    assert tokenizer.decode(letter + spelt("😀😀".encode()[:-1])) == "a😀\ufffd"
    assert tokenizer.decode(spelt(b"\xc3") + letter) == "\ufffd a"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(ids=st.lists(st.integers(0, 699), max_size=40))
def test_decode_takes_any_ids(tokenizer, ids):
    text = tokenizer.decode(ids)
    assert text.encode("utf-8").decode("utf-8") == text
    assert tokenizer.decode(np.array(ids, dtype=np.uint16)) == text
    assert len(tokenizer.pieces(ids)) == len(ids)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(ids=st.lists(st.integers(259, 699) | st.sampled_from([0, 1, 3 + 0x20, 3 + 0x41]), max_size=20))
def test_decode_agrees_with_the_file(tokenizer, folder, ids):
    """Where all bytes are valid, other programs that load the file decode the same."""
    space = tokenizer.pieces(range(700)).index("▁")
    theirs = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    for sequence in (ids, [space, space, *ids], [1, space, *ids]):
        assert tokenizer.decode(sequence) == theirs.decode(sequence, skip_special_tokens=True)


@pytest.mark.parametrize("wrong", [-1, -100, 700])
def test_an_id_that_is_no_piece_is_an_error(tokenizer, wrong):
    with pytest.raises(KeyError):
        tokenizer.decode([5, wrong])
    with pytest.raises(KeyError):
        tokenizer.pieces([5, wrong])


def test_what_other_tokenizers_have_too(tokenizer, folder, tmp_path):
    assert tokenizer.suppressed_ids == [0, 2, *tokenizer.sentinel_ids]
    assert tokenizer.bos_id is None
    assert tokenizer.encode_targets(["ab", ""]) == tokenizer.encode_batch(["ab", ""])
    tokenizer.copy_to(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in folder.iterdir()}
    assert Tokenizer.load(tmp_path).encode("laufen hün") == tokenizer.encode("laufen hün")
    with pytest.raises(RequestError, match="no chat template"):
        tokenizer.chat_text([{"role": "user", "content": "a"}], answer_next=True)
    with pytest.raises(RequestError, match="no chat template"):
        tokenizer.encode_chat(["a"])


def write(folder: Path, name: str, content: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")
    return folder


def damaged(folder: Path, change) -> str:
    content = json.loads((folder / TOKENIZER_FILE).read_text(encoding="utf-8"))
    change(content)
    return json.dumps(content)


def test_not_a_tokenizer_folder(folder, tmp_path):
    (tmp_path / "folder" / TOKENIZER_FILE).mkdir(parents=True)
    for path in (tmp_path / "missing", tmp_path, folder / TOKENIZER_FILE, tmp_path / "folder"):
        with pytest.raises(RequestError, match="not a tokenizer folder"):
            Tokenizer.load(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "\x00", '{"version": "1.0"}'])
def test_damaged_file(content, tmp_path):
    with pytest.raises(RequestError, match=r"tokenizer\.json: cannot be read"):
        Tokenizer.load(write(tmp_path / "t", TOKENIZER_FILE, content))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_file_cut_short(folder, share, tmp_path):
    content = (folder / TOKENIZER_FILE).read_text(encoding="utf-8").rstrip()
    with pytest.raises(RequestError, match="cannot be read"):
        Tokenizer.load(write(tmp_path / "t", TOKENIZER_FILE, content[: int(len(content) * share)]))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["model"]["vocab"].pop(100),  # a byte piece
        lambda content: content["model"]["vocab"].pop(0),
        lambda content: content["added_tokens"].pop(),
        lambda content: content["model"].update(vocab=content["model"]["vocab"][:259]),
    ],
)
def test_vocabulary_of_another_layout(folder, change, tmp_path):
    with pytest.raises(RequestError, match="not where they belong"):
        Tokenizer.load(write(tmp_path / "t", TOKENIZER_FILE, damaged(folder, change)))


def test_words_that_are_not_cut_apart(folder, tmp_path):
    together = damaged(folder, lambda content: content["pre_tokenizer"].update(split=False))
    with pytest.raises(RequestError, match="does not cut texts at their spaces"):
        Tokenizer.load(write(tmp_path / "t", TOKENIZER_FILE, together))


def test_tokenizer_of_somebody_else(tmp_path):
    (tmp_path / "t").mkdir()
    other = tokenizers.Tokenizer(tokenizers.models.WordLevel({"<unk>": 0, "dog": 1}, unk_token="<unk>"))
    other.save(str(tmp_path / "t" / TOKENIZER_FILE))
    with pytest.raises(RequestError, match="not where they belong"):
        Tokenizer.load(tmp_path / "t")


@pytest.mark.real
@pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set")
def test_real_text(tmp_path):
    """8,000 pieces from Multi30k: every line comes back, and sentencepiece agrees on 99.9 % of them."""
    data = Path(os.environ["DRAGOMAN_REALDATA"]) / "de-en" / "multi30k"
    read = {path.name: path.read_text(encoding="utf-8").split("\n") for path in sorted(data.iterdir())}
    train_unigram(read["train.de"] + read["train.en"], tmp_path / "t", vocabulary_size=8000, character_coverage=0.9995)
    tokenizer = Tokenizer.load(tmp_path / "t")
    texts = [line for lines in read.values() for line in lines]
    ids = tokenizer.encode_batch(texts)
    cleaned = [clean(text) for text in texts]
    assert [tokenizer.decode(each) for each in ids] == cleaned
    processor = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "t" / MODEL_FILE))
    agreeing = sum(a == b for a, b in zip(processor.encode(cleaned), ids, strict=True))
    assert agreeing >= 0.999 * len(texts)
