"""The tokenizer that a pretrained model came with.

- No text becomes a special id. Special pieces are not looked for in it; but a Unigram vocabulary such as T5's holds
  them as ordinary pieces too, so where one comes out all the same the text gets a space after its first character
  ("< /s>"), as `cleaning` does it.
- Pieces that stand for single bytes come out as the characters that they spell, also of a tokenizer (transformers' of
  mT5) that takes their names for text. No text of its becomes one of them then.
- A text begins with the BOS token only where the tokenizer itself begins it so, or where its family always does and
  its files do not say otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import decoders

from dragoman.base.errors import RequestError
from dragoman.base.files import read_json
from dragoman.tokenizer.face import TextTokenizer

AT_ONCE = 4096  # texts; what tokenizers keeps of each token takes 170 bytes until its ids are out
VOCABULARIES = ("tokenizer.json", "*.model", "*.spm", "vocab.json", "vocab.txt")
NEED_BOS = ("llama", "lfm2")  # model types that were trained on texts with one
SENTINEL = re.compile(r"▁?<extra_id_(\d+)>")  # mT5's begin with a space and are not marked as special
BYTE = re.compile("<0x[0-9A-F]{2}>")
SURROGATES = re.compile("[\ud800-\udfff]")


class PretrainedTokenizer(TextTokenizer):
    """One of transformers' tokenizers behind our face. vocabulary_size: its pieces; a model may have more rows."""

    def __init__(self, tokenizer: Any, folder: Path):
        self.folder = folder
        self._tokenizer = tokenizer
        self._fast = tokenizer.backend_tokenizer if tokenizer.is_fast else None
        if self._fast is not None:
            self._fast.no_truncation()  # what a file may bring along
            self._fast.no_padding()
        if tokenizer.eos_token_id is None:
            raise RequestError(
                "this tokenizer has no end token, so a model could not learn to stop",
                where=str(folder),
                hint="name an eos_token in tokenizer_config.json, or choose another model",
            )
        self.vocabulary_size = len(tokenizer)
        self.eos_id = int(tokenizer.eos_token_id)
        self.pad_id = self.eos_id if tokenizer.pad_token_id is None else int(tokenizer.pad_token_id)
        # Some byte-level vocabularies name their end token as the unknown one, which they never need.
        self.unk_id = None if tokenizer.unk_token_id in (self.eos_id, self.pad_id) else tokenizer.unk_token_id
        self.bos_id = _bos_id(tokenizer, folder)
        marked = {id for id, token in tokenizer.added_tokens_decoder.items() if token.special}
        vocabulary = tokenizer.get_vocab()
        sentinels = _sentinels(vocabulary)
        self.sentinel_ids = list(dict(sentinels).values())
        self._special = marked | {id for _, id in sentinels} | set(tokenizer.all_special_ids)
        bytes_of = {piece: id for piece, id in vocabulary.items() if BYTE.fullmatch(piece)}
        misread = _misread(tokenizer, bytes_of)
        if self._fast is not None and any(tokenizer.decode([id]).strip() == piece for piece, id in bytes_of.items()):
            self._fast.decoder = decoders.Sequence([decoders.ByteFallback(), self._fast.decoder])
        self._never_text = (self._special - {self.unk_id}) | misread
        self.suppressed_ids = sorted(self._special - {self.eos_id})
        never = sorted(self._special | misread)
        names = {str(name).removeprefix("▁") for name in tokenizer.convert_ids_to_tokens(never)}
        longest_first = sorted((name for name in names if len(name) > 1), key=len, reverse=True)
        self._literal = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    @classmethod
    def load(cls, folder: Path) -> PretrainedTokenizer:
        """Read a folder with a tokenizer's files. Raises RequestError where it holds none, or a damaged one."""
        if not any(any(folder.glob(pattern)) for pattern in VOCABULARIES):  # transformers would make one up
            raise RequestError(
                "there is no tokenizer here", where=str(folder), hint=f"it needs one of {', '.join(VOCABULARIES)}"
            )
        from transformers import AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # whatever its many classes raise
            reason = str(error).strip().partition("\n")[0]
            raise RequestError(
                f"cannot be read as a tokenizer: {reason}",
                where=str(folder),
                hint="a file is damaged or missing, or the tokenizer is of a kind that transformers does not know",
            ) from error
        return cls(tokenizer, folder)

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        return self._encode(texts, target=False)

    def encode_targets(self, texts: Sequence[str]) -> list[list[int]]:
        return self._encode(texts, target=True)

    def encode_chat(self, texts: Sequence[str]) -> list[list[int]]:
        return self._ids(texts, target=False, specials=True)

    def _encode(self, texts: Sequence[str], *, target: bool) -> list[list[int]]:
        rows = self._ids(texts, target=target, specials=False)
        return [
            row if self._never_text.isdisjoint(row) else self._without_specials(text, target)
            for row, text in zip(rows, texts, strict=True)
        ]

    def _without_specials(self, text: str, target: bool) -> list[int]:
        """The ids of a text that a special piece came out of."""
        row: list[int] = []
        for form in (text, unicodedata.normalize("NFKC", text)):  # a normaliser may have made the literal
            [row] = self._ids([self._broken(form)], target=target, specials=False)
            if self._never_text.isdisjoint(row):
                break
        return [id for id in row if id not in self._never_text]

    def _broken(self, text: str) -> str:
        """A text whose special literals have a space after their first character."""
        return self._literal.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)

    def _ids(self, texts: Sequence[str], *, target: bool, specials: bool) -> list[list[int]]:
        rows: list[list[int]] = []
        for start in range(0, len(texts), AT_ONCE):
            sound = [SURROGATES.sub("\ufffd", text) for text in texts[start : start + AT_ONCE]]
            if self._fast is not None:  # called by itself, which takes half as long
                self._fast.encode_special_tokens = not specials
                rows.extend(found.ids for found in self._fast.encode_batch_fast(sound, add_special_tokens=False))
                continue
            encoded = self._tokenizer(
                text=None if target else sound, text_target=sound if target else None, add_special_tokens=False,
                split_special_tokens=not specials, return_attention_mask=False, return_token_type_ids=False,
                verbose=False,
            )  # fmt: skip
            rows.extend(encoded["input_ids"])
        return rows

    def decode(self, ids: Sequence[int]) -> str:
        known = [int(id) for id in ids if 0 <= id < self.vocabulary_size and id not in self._special]
        return str(self._tokenizer.decode(known, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    def pieces(self, ids: Sequence[int]) -> list[str]:
        names = self._tokenizer.convert_ids_to_tokens([int(id) for id in ids])
        return [f"<{id}>" if name is None else name for id, name in zip(ids, names, strict=True)]

    def copy_to(self, folder: Path) -> None:
        self._tokenizer.save_pretrained(folder)

    def chat_text(self, messages: Sequence[Mapping[str, str]], *, answer_next: bool) -> str:
        if self._tokenizer.chat_template is None:
            raise RequestError(
                "this tokenizer has no chat template",
                where=str(self.folder),
                hint="take a chat model, whose name often ends in -Chat or -Instruct, or task: text-to-text",
            )
        sound = [{**message, "content": self._broken(message["content"])} for message in messages]
        try:
            text = self._tokenizer.apply_chat_template(sound, tokenize=False, add_generation_prompt=answer_next)
        except Exception as error:  # templates are programs, and raise what they like
            roles = ", ".join(message["role"] for message in messages) or "no turns"
            raise RequestError(
                f"the model's chat template does not take this conversation ({roles}): {error}",
                hint="most templates want user and assistant in turn, and a system message only at the start",
            ) from error
        return str(text)


def _sentinels(vocabulary: Mapping[str, int]) -> list[tuple[int, int]]:
    """Number and id of each of a vocabulary's sentinels, in the order of the numbers."""
    found = ((SENTINEL.fullmatch(piece), id) for piece, id in vocabulary.items())
    return sorted((int(match[1]), id) for match, id in found if match)


def _misread(tokenizer: Any, pieces: Mapping[str, int]) -> set[int]:
    """The ids of those pieces that a text with their name becomes."""
    rows = tokenizer(list(pieces), add_special_tokens=False)["input_ids"] if pieces else []
    # As a whole, but for the space before it: else its characters are spelt in bytes.
    return {id for id, row in zip(pieces.values(), rows, strict=True) if id in row and len(row) <= 2}


def _bos_id(tokenizer: Any, folder: Path) -> int | None:
    bos = tokenizer.bos_token_id
    if bos is None:
        return None
    if tokenizer("a")["input_ids"][:1] == [bos] and tokenizer("a", add_special_tokens=False)["input_ids"][:1] != [bos]:
        return int(bos)
    said = _read(folder / "tokenizer_config.json").get("add_bos_token")
    family = str(_read(folder / "config.json").get("model_type", type(tokenizer).__name__)).lower()
    if said is False or not family.startswith(NEED_BOS):
        return None
    tokenizer.add_bos_token = True  # so that copies begin texts with it, whatever lies beside them
    return int(bos)


def _read(file: Path) -> dict[str, Any]:
    return dict(read_json(file)) if file.is_file() else {}
