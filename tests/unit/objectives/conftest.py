from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from hub import vocabularies
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.pretrained import PretrainedTokenizer

Make = Callable[..., PretrainedTokenizer]

TEXTS = [
    "The quick brown fox jumps over the lazy dog. Answer: Paris, of course!", "Aap kaise hain? Main theek hoon.",
    "### Instruction:\nTranslate the following text.\n\n### Input:\nHello world\n\n### Response:\nHallo Welt",
    "<|user|>\nhi there</s>\n<|assistant|>\nHello, how are you?</s>\n", "[INST] hello [/INST] user: assistant: 1 2 3",
    "Where is the station? It is on the left, two streets from here. Danke schön, auf Wiedersehen.", "Response:\n\n",
]  # fmt: skip


class Words(TextTokenizer):
    """A token is a word; its id is its length plus 2."""

    folder = Path("words")
    pad_id, eos_id, unk_id, bos_id, vocabulary_size = 0, 1, 2, None, 100
    suppressed_ids = [0, 2]  # noqa: RUF012 (as the face has it)

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        return [[len(word) + 2 for word in text.split()] for text in texts]

    def encode_chat(self, texts: Sequence[str]) -> NoReturn:
        raise NotImplementedError

    def decode(self, ids: Sequence[int]) -> NoReturn:
        raise NotImplementedError

    def pieces(self, ids: Sequence[int]) -> NoReturn:
        raise NotImplementedError

    def copy_to(self, folder: Path) -> None:
        raise NotImplementedError

    def chat_text(self, messages: Sequence[Mapping[str, str]], *, answer_next: bool) -> NoReturn:
        raise NotImplementedError


@pytest.fixture
def words() -> Words:
    return Words()


def gpt2(texts: list[str], size: int) -> Tokenizer:
    """Byte-level BPE cut by GPT-2's rules."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """make(kind, template): a small tokenizer as a model has it.

    llama: SentencePiece's BPE with a begin token, padded with its end token. deaf: the same, but in the midst of a text
    its specials are not found, as in some old files. lfm2: byte-level, with a begin token, ends in <|im_end|>.
    gpt2: byte-level, no begin token, padded with its end token, which is not <|im_end|>.
    """

    @cache
    def make(kind: str, template: str | None = None) -> PretrainedTokenizer:
        folder = tmp_path_factory.mktemp(kind)
        config: dict[str, object] = {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": template}
        if kind in ("llama", "deaf"):
            content = vocabularies.llama_json(vocabularies.llama_pieces(TEXTS * 3, 420))
            for token in content["added_tokens"]:
                token["normalized"] = kind == "deaf"
            written = json.dumps(content)
            config |= {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "</s>"}
        elif kind == "lfm2":
            written = vocabularies.lfm2_tokenizer(TEXTS * 3, 400).to_str()
            config |= {"bos_token": "<|startoftext|>", "eos_token": "<|im_end|>", "pad_token": "<|pad|>"}
        else:
            written = gpt2(TEXTS * 3, 400).to_str()
            config |= {"eos_token": "<|endoftext|>"}
        (folder / "tokenizer.json").write_text(written)
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
        return PretrainedTokenizer.load(folder)

    return make
