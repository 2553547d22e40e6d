from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hub.fixtures import Hub
from hub.models import LFM2, MT5, T5, TINYLLAMA
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import decoders, models, pre_tokenizers, processors, trainers

from dragoman.base.errors import RequestError
from dragoman.tokenizer.loading import load_tokenizer
from dragoman.tokenizer.pretrained import PretrainedTokenizer
from dragoman.tokenizer.tokenizer import Tokenizer

NAMES = {"mt5": MT5, "t5": T5, "tinyllama": TINYLLAMA, "lfm2": LFM2}
SPECIALS = ["<|end|>", "<|begin|>", "<|im_start|>"]
TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('no tools here') }}{% endif %}"
    "<|im_start|>{{ m.role }}\n{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make(folder: Path, processor: Any = None, **config: Any) -> Path:
    """A byte-level vocabulary with special pieces, as GPT-2 and Qwen have it."""
    backend = tokenizers.Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=SPECIALS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(["the cat sat on the mat, and the end is near"] * 3, trainer)
    if processor is not None:
        backend.post_processor = processor
    folder.mkdir()
    backend.save(str(folder / "tokenizer.json"))
    named = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>", **config}
    (folder / "tokenizer_config.json").write_text(json.dumps(named))
    return folder


@pytest.fixture(scope="session")
def pretrained(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], PretrainedTokenizer]:
    made = make(tmp_path_factory.mktemp("made") / "qwen", bos_token="<|begin|>", chat_template=TEMPLATE)
    folders = {name: hub.tree / "models" / full for name, full in NAMES.items()} | {"bytes": made}
    loaded = {name: PretrainedTokenizer.load(folder) for name, folder in folders.items()}
    return loaded.__getitem__


ALL = [*NAMES, "bytes"]
LITERALS = [
    "</s>",
    "<s>",
    "<pad>",
    "<unk>",
    "<extra_id_0>",
    "<extra_id_99>",
    "<|im_end|>",
    "<|startoftext|>",
    *SPECIALS,
]
LITERALS += ["＜/s＞", "<0x0A>", "▁<extra_id_3>"]
TEXT = st.lists(st.text(max_size=8) | st.sampled_from(LITERALS), max_size=5).map("".join)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=TEXT)
@example(text="a</s>b <extra_id_0>")
@example(text="<</s>/s>")
@example(text="\ud800</s>")
@example(text="")
def test_no_text_becomes_special(pretrained, name, text):
    tokenizer = pretrained(name)
    ids = tokenizer.encode(text)
    special = {*tokenizer.suppressed_ids, tokenizer.eos_id} - {tokenizer.unk_id}
    assert not special & set(ids)
    tokenizer.decode(ids)


@pytest.mark.parametrize("name", ALL)
def test_special_literals_keep_their_text(pretrained, name):
    """A space may come in, but nothing is lost."""
    tokenizer = pretrained(name)
    for literal in ("</s>", "<pad>", "<extra_id_7>", "<|im_end|>", "<|end|>"):
        ids = tokenizer.encode(f"the {literal} is")
        if tokenizer.unk_id not in ids:
            assert tokenizer.decode(ids).replace(" ", "") == f"the{literal}is"


@pytest.mark.parametrize("name", ["mt5", "tinyllama"])
def test_byte_pieces_come_out_as_the_characters_that_they_spell(pretrained, name, tmp_path):
    tokenizer = pretrained(name)
    vocabulary = {piece: id for id, piece in enumerate(tokenizer.pieces(range(tokenizer.vocabulary_size)))}

    def spelt(text: str) -> list[int]:
        return [vocabulary[f"<0x{byte:02X}>"] for byte in text.encode()]

    tokenizer.copy_to(tmp_path)
    for one in (tokenizer, load_tokenizer(tmp_path)):
        assert one.decode([*one.encode("the"), *spelt("é😀")]) == "theé😀"
        assert one.decode(spelt("日本")) == "日本"
        assert "0x" not in one.decode(spelt("é")[:1])  # half a character
        literal = one.encode("the <0x41> is")  # no byte: its name, written by somebody
        assert one.decode(literal).replace(" ", "") == "the<0x41>is" or one.unk_id in literal


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_bytes_spell_every_text(pretrained, text):
    tokenizer = pretrained("bytes")
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("name", ALL)
def test_a_batch_is_each_text_alone(pretrained, name):
    tokenizer = pretrained(name)
    texts = ["the cat", "", "chai kaise banaye?", "</s>", "the cat"]
    together = tokenizer.encode_batch(texts)
    assert together == [tokenizer.encode(text) for text in texts]
    assert together[1] == []
    assert tokenizer.encode_targets(texts) == together
    assert tokenizer.encode_batch([]) == []


@pytest.mark.parametrize("name", ALL)
def test_ordinary_text_is_cut_as_transformers_cuts_it(pretrained, name):
    from transformers import AutoTokenizer

    texts = ["The lamp is  near.", " chai kaise\nbanaye? 27", "ä é 😀", "<b>x</b>"]
    theirs = AutoTokenizer.from_pretrained(pretrained(name).folder)(texts, add_special_tokens=False)["input_ids"]
    assert pretrained(name).encode_batch(texts) == theirs


def test_what_the_file_would_cut_or_fill_is_whole(tmp_path):
    folder = make(tmp_path / "t")
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    content["truncation"] = {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0}
    content["padding"] = {
        "strategy": {"Fixed": 50}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0,
        "pad_token": "<|end|>",
    }  # fmt: skip
    (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    tokenizer = PretrainedTokenizer.load(folder)
    text = "the cat sat on the mat"
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(tokenizer.encode(text)) < 50


def test_special_ids(pretrained):
    found = {name: (t.pad_id, t.eos_id, t.unk_id, t.bos_id) for name in ALL for t in [pretrained(name)]}
    assert found == {
        "mt5": (0, 1, 2, None), "t5": (0, 1, 2, None), "tinyllama": (2, 2, 0, 1), "lfm2": (0, 7, None, 1),
        "bytes": (0, 0, None, None),
    }  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_what_no_answer_may_hold(pretrained, name):
    tokenizer = pretrained(name)
    suppressed = set(tokenizer.suppressed_ids)
    assert tokenizer.eos_id not in suppressed
    assert {tokenizer.pad_id, tokenizer.unk_id, tokenizer.bos_id} - {None, tokenizer.eos_id} <= suppressed
    sentinels = [
        id for id, piece in enumerate(tokenizer.pieces(range(tokenizer.vocabulary_size))) if "<extra_id" in piece
    ]
    assert set(sentinels) <= suppressed
    assert len(sentinels) >= (100 if name in ("t5", "mt5") else 0)
    assert len(suppressed) < 120 or name == "lfm2"


@pytest.mark.parametrize("name", ALL)
def test_specials_have_no_text_and_any_id_is_taken(pretrained, name):
    tokenizer = pretrained(name)
    ids = tokenizer.encode("the cat")
    outside = [tokenizer.vocabulary_size, tokenizer.vocabulary_size + 11, -100]
    dressed = [tokenizer.pad_id, *ids, *tokenizer.suppressed_ids, *outside, tokenizer.eos_id]
    assert tokenizer.decode(dressed) == tokenizer.decode(ids)
    assert tokenizer.decode([]) == tokenizer.decode([tokenizer.eos_id]) == ""
    assert len(tokenizer.pieces([*ids, tokenizer.vocabulary_size])) == len(ids) + 1


@pytest.mark.parametrize("name", ALL)
def test_a_copy_is_the_same_tokenizer(pretrained, name, tmp_path):
    tokenizer = pretrained(name)
    tokenizer.copy_to(tmp_path)
    copy = load_tokenizer(tmp_path)
    texts = ["the cat </s> <|im_start|>", "chai  kaise <extra_id_0> banaye?", "ä 7\n"]
    assert isinstance(copy, PretrainedTokenizer)
    assert copy.encode_batch(texts) == tokenizer.encode_batch(texts)
    assert copy.encode_chat(texts) == tokenizer.encode_chat(texts)
    for fact in ("vocabulary_size", "pad_id", "eos_id", "unk_id", "bos_id", "suppressed_ids"):
        assert getattr(copy, fact) == getattr(tokenizer, fact), fact
    assert copy.folder == tmp_path
    if name in ("tinyllama", "lfm2", "bytes"):
        turns = [{"role": "user", "content": "the"}]
        assert copy.chat_text(turns, answer_next=True) == tokenizer.chat_text(turns, answer_next=True)


@pytest.mark.real
@pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set")
def test_the_real_vocabulary_of_llama(tmp_path):
    real = Path(os.environ["DRAGOMAN_REALDATA"]) / "tokenizers" / "llama-32k.tokenizer.json"
    shutil.copy(real, tmp_path / "tokenizer.json")
    named = {"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(named))
    tokenizer = PretrainedTokenizer.load(tmp_path)
    assert (tokenizer.pad_id, tokenizer.eos_id, tokenizer.unk_id, tokenizer.bos_id) == (2, 2, 0, 1)
    assert tokenizer.encode("Hello this is a test") == [15043, 445, 338, 263, 1243]
    for text in ("a</s>b", "<s>", " <unk> x", "</s></s>"):
        assert not {1, 2} & set(tokenizer.encode(text))
        assert tokenizer.decode(tokenizer.encode(text)).replace(" ", "") == text.replace(" ", "")


# ---- where texts begin ----

BEGINS = processors.TemplateProcessing(single="<|begin|> $A <|end|>", special_tokens=[("<|begin|>", 1), ("<|end|>", 0)])


@pytest.mark.parametrize(
    ("processor", "config", "model_type", "bos"),
    [
        (BEGINS, {}, None, 1),  # as BART's
        (None, {}, None, None),  # as Qwen's
        (None, {}, "qwen2", None),
        (None, {}, "llama", 1),
        (None, {}, "lfm2", 1),
        (None, {"add_bos_token": False}, "llama", None),
    ],
)
def test_who_begins_with_bos(tmp_path, processor, config, model_type, bos):
    folder = make(tmp_path / "t", processor, bos_token="<|begin|>", **config)
    if model_type is not None:
        (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    tokenizer = PretrainedTokenizer.load(folder)
    assert tokenizer.bos_id == bos
    assert tokenizer.encode("the")[0] != 1
    (tmp_path / "copy").mkdir()
    tokenizer.copy_to(tmp_path / "copy")
    assert load_tokenizer(tmp_path / "copy").bos_id == bos  # though nothing there says what model it is for


# ---- conversations ----


def test_conversations(pretrained):
    tokenizer = pretrained("bytes")
    turns = [{"role": "user", "content": "the <|end|> cat"}, {"role": "assistant", "content": "mat"}]
    text = tokenizer.chat_text(turns, answer_next=False)
    assert text == "<|im_start|>user\nthe < |end|> cat<|end|>\n<|im_start|>assistant\nmat<|end|>\n"
    asked = tokenizer.chat_text(turns[:1], answer_next=True)
    assert text.startswith(asked)
    assert asked.endswith("<|im_start|>assistant\n")
    [ids] = tokenizer.encode_chat([text])
    assert ids.count(0) == 2
    assert ids.count(2) == 2
    assert turns[0]["content"] == "the <|end|> cat"


def test_conversations_that_the_template_refuses(pretrained):
    with pytest.raises(RequestError, match=r"does not take this conversation \(user, tool\): no tools here"):
        pretrained("bytes").chat_text(
            [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}], answer_next=True
        )


def test_no_template(pretrained):
    with pytest.raises(RequestError, match="no chat template"):
        pretrained("t5").chat_text([{"role": "user", "content": "a"}], answer_next=True)


# ---- two languages, two vocabularies ----


def test_marian_cuts_each_language_with_its_own_pieces(tmp_path):
    import sentencepiece

    for side, texts in (("source", ["abab cdcd abab"] * 50), ("target", ["xyxy abba xyxy"] * 50)):
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_prefix=str(tmp_path / side), vocab_size=14, minloglevel=2,
            hard_vocab_limit=False,
        )  # fmt: skip
        (tmp_path / f"{side}.model").rename(tmp_path / f"{side}.spm")
    pieces = {"</s>": 0, "<unk>": 1}
    for side in ("source", "target"):
        processor = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / f"{side}.spm"))
        for id in range(processor.get_piece_size()):
            pieces.setdefault(processor.id_to_piece(id), len(pieces))
    pieces["<pad>"] = len(pieces)
    (tmp_path / "vocab.json").write_text(json.dumps(pieces))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "MarianTokenizer"}))
    tokenizer = PretrainedTokenizer.load(tmp_path)
    assert (tokenizer.eos_id, tokenizer.pad_id, tokenizer.bos_id) == (0, pieces["<pad>"], None)
    [source], [target] = tokenizer.encode_batch(["xyxy"]), tokenizer.encode_targets(["xyxy"])
    assert tokenizer.unk_id in source
    assert tokenizer.unk_id not in target
    assert tokenizer.decode(target) == "xyxy"
    assert tokenizer.encode_batch(["abab"]) == [tokenizer.encode("abab")]


# ---- folders ----


def test_folders_that_hold_none(tmp_path):
    with pytest.raises(RequestError, match="there is no tokenizer here"):
        load_tokenizer(tmp_path / "absent")
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')  # transformers would make an empty T5 tokenizer
    with pytest.raises(RequestError, match="there is no tokenizer here"):
        load_tokenizer(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(RequestError, match="cannot be read as a tokenizer"):
        load_tokenizer(tmp_path)


def test_a_tokenizer_without_an_end(tmp_path):
    with pytest.raises(RequestError, match="no end token"):
        PretrainedTokenizer.load(make(tmp_path / "t", eos_token=None))


def test_our_own_is_known(folder, pretrained):
    assert isinstance(load_tokenizer(folder), Tokenizer)
    assert isinstance(load_tokenizer(pretrained("mt5").folder), PretrainedTokenizer)
