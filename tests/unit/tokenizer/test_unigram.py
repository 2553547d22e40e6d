import json
import os

import pytest
import sentencepiece
from transformers import PreTrainedTokenizerFast

from dragoman.base.errors import RequestError
from dragoman.base.files import digest
from dragoman.tokenizer import unigram
from dragoman.tokenizer.cleaning import clean
from dragoman.tokenizer.specials import LITERALS
from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.tokenizer.unigram import LINE_LENGTH, MODEL_FILE, train_unigram

ODD_LINES = [
    "",
    "  leading and   doubled  ",
    "Ein 👩‍👩‍👧 m² ½ кошка 猫が好き مرحبا क्षि",
    "a </s> b <pad> <unk> <extra_id_0> <0x41> ▁ ▅ ⁇",
    "unsegmentedwordwithoutanyspace" * 5,
    "1234567890 3,14 1.000.000",
]


def train(texts, folder, size=500, coverage=0.9995):
    train_unigram(texts, folder, vocabulary_size=size, character_coverage=coverage)


def test_same_texts_same_bytes(lines, folder, tmp_path):
    train(iter(lines), tmp_path / "again", size=700)
    assert {path.name for path in folder.iterdir()} == {
        "tokenizer.json",
        "tokenizer_config.json",
        "sentencepiece.model",
    }
    assert digest(tmp_path / "again") == digest(folder)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cannot bind to a core here")
def test_same_bytes_on_one_core(lines, folder, tmp_path):
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        train(iter(lines), tmp_path / "one", size=700)
    finally:
        os.sched_setaffinity(0, cores)
    assert digest(tmp_path / "one") == digest(folder)


def test_sampling_repeats(lines, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(unigram, "LINES", 400)
    for name in ("one", "two"):
        train(iter(lines), tmp_path / name)
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    monkeypatch.setattr(unigram, "LINES", 1_000_000)
    train(iter(lines), tmp_path / "all")
    assert digest(tmp_path / "all") != digest(tmp_path / "one")


def test_agrees_with_sentencepiece(lines, folder, tokenizer):
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / MODEL_FILE))
    texts = [*lines, *ODD_LINES]
    expected = processor.encode([clean(text) for text in texts])
    found = tokenizer.encode_batch(texts)
    disagreeing = [text for text, a, b in zip(texts, expected, found, strict=True) if a != b]
    assert len(disagreeing) <= len(texts) // 1000, disagreeing
    assert found[-len(ODD_LINES) :] == expected[-len(ODD_LINES) :]


def test_loads_with_transformers(lines, folder, tokenizer, tmp_path):
    theirs = PreTrainedTokenizerFast.from_pretrained(folder)
    assert (theirs.pad_token_id, theirs.eos_token_id, theirs.unk_token_id) == (0, 1, 2)
    assert theirs.convert_ids_to_tokens([0, 1, 2]) == ["<pad>", "</s>", "<unk>"]
    assert len(theirs) == tokenizer.vocabulary_size == 700
    assert theirs.convert_tokens_to_ids([f"<extra_id_{k}>" for k in range(100)]) == tokenizer.sentinel_ids
    assert set(theirs.all_special_ids) == {0, 1, 2, *tokenizer.sentinel_ids}

    texts = [*lines[:200], *ODD_LINES, *(f"x{literal} y" for literal in sorted(LITERALS))]
    cleaned = [clean(text) for text in texts]
    ids = theirs(cleaned)["input_ids"]
    assert ids == tokenizer.encode_batch(texts)
    assert theirs.batch_decode(ids, skip_special_tokens=True) == cleaned

    theirs(cleaned, padding=True, truncation=True, max_length=4)  # leaves both in the file it writes
    theirs.save_pretrained(tmp_path / "saved")
    assert Tokenizer.load(tmp_path / "saved").encode_batch(texts) == ids


def test_sentinels_take_no_space(folder):
    theirs = PreTrainedTokenizerFast.from_pretrained(folder)
    text = "hau<extra_id_0>fen <extra_id_1>"
    assert theirs.decode(theirs(text)["input_ids"]) == text


def test_vocabulary_layout(tokenizer):
    names = tokenizer.pieces(range(700))
    assert names[:3] == ["<pad>", "</s>", "<unk>"]
    assert names[3:259] == [f"<0x{byte:02X}>" for byte in range(256)]
    assert names[600:] == [f"<extra_id_{k}>" for k in range(99, -1, -1)]
    assert len(set(names)) == 700
    learned = names[259:600]
    assert not LITERALS & set(learned)
    assert not [piece for piece in learned if len(piece.strip("▁")) > 1 and any(c.isdigit() for c in piece)]
    assert not [piece for piece in learned if "▁" in piece[1:]]  # no piece goes beyond a word


def test_the_largest_size_named_is_the_largest(lines, tmp_path):
    with pytest.raises(RequestError, match=r"(?s)the largest possible size.*tokenizer\.vocabulary_size") as caught:
        train(iter(lines[:200]), tmp_path / "t", size=50_000)
    largest = int(caught.value.hint.split("at most ")[1].split(",")[0])
    assert f"{largest} is the largest" in caught.value.message
    train(iter(lines[:200]), tmp_path / "t", size=largest)
    assert Tokenizer.load(tmp_path / "t").vocabulary_size == largest
    with pytest.raises(RequestError, match=f"{largest} is the largest"):
        train(iter(lines[:200]), tmp_path / "t", size=largest + 1)


def test_the_smallest_size_named_is_the_smallest(lines, tmp_path):
    with pytest.raises(RequestError, match=r"(?s)too few.*tokenizer\.character_coverage") as caught:
        train(iter(lines), tmp_path / "t", size=370, coverage=1.0)
    smallest = int(caught.value.hint.split("at least ")[1].split(",")[0])
    train(iter(lines), tmp_path / "t", size=smallest, coverage=1.0)
    with pytest.raises(RequestError, match="too few"):
        train(iter(lines), tmp_path / "t", size=smallest - 1, coverage=1.0)


@pytest.mark.parametrize("texts", [[], ["", " \n", "\u200b"]])
def test_no_text(texts, tmp_path):
    with pytest.raises(RequestError, match="no text"):
        train(iter(texts), tmp_path / "t")


@pytest.mark.parametrize("before", [0, 1, 50])
@pytest.mark.parametrize("error", [RequestError("row 3 is bad"), KeyboardInterrupt(), SystemExit(143)])
def test_what_the_texts_raise_passes_through(before, error, lines, tmp_path):
    def texts():
        yield from lines[:before]
        raise error

    with pytest.raises(type(error)) as caught:
        train(texts(), tmp_path / "t")
    assert caught.value is error
    assert not list(tmp_path.iterdir())


def test_a_failed_training_leaves_the_old_folder(lines, folder, tmp_path):
    train(iter(lines), tmp_path / "t")
    before = digest(tmp_path / "t")
    with pytest.raises(RequestError):
        train(iter(lines), tmp_path / "t", size=50_000)
    assert digest(tmp_path / "t") == before
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_long_texts_count_in_full(lines, tmp_path):
    """sentencepiece would skip such a line, in silence."""
    whole = " ".join(lines)
    assert len(whole) > 50 * LINE_LENGTH
    train([whole], tmp_path / "t")
    assert len(Tokenizer.load(tmp_path / "t").encode(whole)) < 0.8 * len(whole.encode())
    with pytest.raises(RequestError, match="largest possible"):  # and not "no text": the longest line, in bytes too
        train(["😀" * LINE_LENGTH], tmp_path / "t")


@pytest.mark.parametrize("text", ["", "a", "ab " * 3000, "x" * 5000, "x" * 1023 + " y", "ä" * 1024, "😀" * 1025])
def test_cut(text):
    parts = list(unigram._cut(text))
    assert "".join(parts) == text
    assert all(0 < len(part) <= LINE_LENGTH for part in parts)
    assert all(part.endswith(" ") for part in parts[:-1]) or " " not in text


def test_odd_training_texts(lines, tmp_path):
    odd = [f"{line} {literal} ▁ ▅ ⁇ \x00 \ud800 \n" for line, literal in zip(lines, sorted(LITERALS) * 5, strict=False)]
    train(odd, tmp_path / "t")
    tokenizer = Tokenizer.load(tmp_path / "t")
    assert [tokenizer.decode(ids) for ids in tokenizer.encode_batch(odd)] == [clean(text) for text in odd]
    assert not LITERALS & set(tokenizer.pieces(range(259, 400)))


def test_says_nothing_of_its_own(lines, tmp_path, capfd):
    train(iter(lines), tmp_path / "t")
    with pytest.raises(RequestError):
        train(iter(lines[:300]), tmp_path / "t", size=50_000)
    assert capfd.readouterr() == ("", "")


def test_texts_are_taken_one_by_one(lines, tmp_path):
    """Nothing is read ahead into memory: the iterator is advanced as sentencepiece asks."""
    alive = peak = 0

    class Text(str):
        def __init__(self, _):
            nonlocal alive, peak
            alive += 1
            peak = max(peak, alive)

        def __del__(self):
            nonlocal alive
            alive -= 1

    train((Text(f" {line}") for line in lines), tmp_path / "t")
    assert peak < 5


def test_config_names_no_other_tokens(folder):
    config = json.loads((folder / "tokenizer_config.json").read_text())
    assert {key for key in config if key.endswith("_token")} == {"pad_token", "eos_token", "unk_token"}
