"""Tokenizers of the four models' kinds, trained on this hub's own sentences, in the files that the real ones have."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

SENTINELS = [f"<extra_id_{i}>" for i in range(100)]
LFM2_SPECIALS = [
    "<|pad|>", "<|startoftext|>", "<|endoftext|>", "<|fim_pre|>", "<|fim_mid|>", "<|fim_suf|>", "<|im_start|>",
    "<|im_end|>", "<|tool_list_start|>", "<|tool_list_end|>", "<|tool_call_start|>", "<|tool_call_end|>",
    "<|tool_response_start|>", "<|tool_response_end|>",
]  # fmt: skip
WORDS = Regex(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def t5_pieces(texts: Iterable[str], size: int, *, byte_fallback: bool) -> bytes:
    """A Unigram vocabulary of at most `size`, with T5's specials: padding 0, end 1, unknown 2, no beginning."""
    return _train(
        texts, size, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, byte_fallback=byte_fallback
    )


def with_sentinels(pieces: bytes) -> bytes:
    """The vocabulary with mT5's sentinels: pieces of its own at the end, the first sentinel last."""
    model = protobuf.ModelProto.FromString(pieces)
    for name in reversed(SENTINELS):
        model.pieces.add(piece=f"▁{name}", score=0.0, type=protobuf.ModelProto.SentencePiece.USER_DEFINED)
    return bytes(model.SerializeToString())


def llama_pieces(texts: Iterable[str], size: int) -> bytes:
    """A BPE vocabulary with Llama's specials: unknown 0, beginning 1, end 2, then the bytes."""
    return _train(
        texts, size, model_type="bpe", unk_id=0, bos_id=1, eos_id=2, pad_id=-1, byte_fallback=True,
        split_digits=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
    )  # fmt: skip


def llama_json(pieces: bytes) -> dict[str, Any]:
    """The same vocabulary as a tokenizer.json, with the older normalizer that Llama 2's file has."""
    listed = protobuf.ModelProto.FromString(pieces).pieces
    ranks = {piece.piece: i for i, piece in enumerate(listed)}
    merged = [piece.piece for piece in listed if piece.type == piece.NORMAL and len(piece.piece) > 1]
    merges = [pair for name in merged for pair in _halves(name, ranks)]
    tokenizer = Tokenizer(models.BPE(ranks, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.add_special_tokens([AddedToken(name, normalized=False) for name in ("<unk>", "<s>", "</s>")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
    )
    written: dict[str, Any] = json.loads(tokenizer.to_str())
    space = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    written["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, space]}
    back = {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}
    strip = {"type": "Strip", "content": " ", "start": 1, "stop": 0}
    written["decoder"] = {"type": "Sequence", "decoders": [back, {"type": "ByteFallback"}, {"type": "Fuse"}, strip]}
    return written


def lfm2_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """A byte-level BPE vocabulary with LFM2's specials at the front and <|startoftext|> before every text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(WORDS, "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=size, special_tokens=LFM2_SPECIALS, show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        ),
    )  # fmt: skip
    start = "<|startoftext|>"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A", pair=f"{start} $A {start} $B", special_tokens=[(start, LFM2_SPECIALS.index(start))]
    )
    return tokenizer


def count(pieces: bytes) -> int:
    return len(protobuf.ModelProto.FromString(pieces).pieces)


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def added_tokens(names: Sequence[str], first: int) -> dict[str, dict[str, object]]:
    """The key `added_tokens_decoder` of a tokenizer_config.json."""
    rest = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    return {str(first + i): {"content": name} | rest for i, name in enumerate(names)}


def _train(texts: Iterable[str], size: int, **settings: object) -> bytes:
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=written, vocab_size=size, character_coverage=1.0, num_threads=1,
        hard_vocab_limit=False, minloglevel=2, **settings,
    )  # fmt: skip
    return written.getvalue()


def _halves(name: str, ranks: dict[str, int]) -> list[tuple[str, str]]:
    """The pairs of pieces that a piece can be merged from."""
    cuts = ((name[:i], name[i:]) for i in range(1, len(name)))
    pairs = [(left, right) for left, right in cuts if left in ranks and right in ranks]
    return sorted(pairs, key=lambda pair: (ranks[pair[0]], ranks[pair[1]]))
