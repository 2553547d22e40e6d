"""Text to ids and back."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NoReturn

import tokenizers

from dragoman.base.errors import RequestError
from dragoman.tokenizer import specials
from dragoman.tokenizer.cleaning import clean
from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.specials import BYTES, FIRST_BYTE_ID, SENTINELS, SPACE
from dragoman.tokenizer.unigram import CONFIG_FILE, MODEL_FILE, TOKENIZER_FILE

AT_ONCE = 4096  # texts
MOST_CHARACTERS = 1 << 20  # of words that are remembered: 40 MB, or four times that of strange ones


class Tokenizer(TextTokenizer):
    """A trained vocabulary. For every string, `decode(encode(text)) == clean(text)`; no text becomes a special id.

    vocabulary_size V; pad_id, eos_id, unk_id; sentinel_ids: the id of <extra_id_k> at place k.
    """

    pad_id: int = specials.PAD_ID
    eos_id: int = specials.EOS_ID
    unk_id: int = specials.UNK_ID
    bos_id: None = None

    def __init__(self, backend: tokenizers.Tokenizer, folder: Path):
        self.folder = folder
        self._backend = backend
        self._words: dict[str, list[int]] = {}
        self._characters = 0  # of these words
        backend.no_truncation()  # other programs that save the file leave these in it
        backend.no_padding()
        pieces = [backend.id_to_token(id) or "" for id in range(backend.get_vocab_size())]
        _verify(pieces, backend.pre_tokenizer)
        self.vocabulary_size = len(pieces)
        self.sentinel_ids = [self.vocabulary_size - 1 - k for k in range(len(SENTINELS))]
        self.suppressed_ids = [self.pad_id, self.unk_id, *self.sentinel_ids]
        # Dicts, so that an id that is no piece (-100, say) is a KeyError and not a piece from the end of a list.
        self._names = dict(enumerate(pieces))
        self._utf8 = {id: piece.replace(SPACE, " ").encode() for id, piece in self._names.items()}
        self._utf8 |= {FIRST_BYTE_ID + byte: bytes([byte]) for byte in range(len(BYTES))}
        self._utf8 |= dict.fromkeys([self.pad_id, self.eos_id, *self.sentinel_ids], b"")
        self._utf8[self.unk_id] = "\ufffd".encode()

    @classmethod
    def load(cls, folder: Path) -> Tokenizer:
        """Read a folder that `train_unigram` wrote. Raises RequestError where it is none, or is damaged."""
        file = folder / TOKENIZER_FILE
        if not file.is_file():
            raise RequestError(
                f"not a tokenizer folder: there is no {TOKENIZER_FILE}",
                where=str(folder),
                hint="give a folder that dragoman wrote, such as runs/NAME/tokenizer",
            )
        try:
            return cls(tokenizers.Tokenizer.from_file(str(file)), folder)
        except Exception as error:  # tokenizers raises plain Exception
            raise RequestError(
                f"cannot be read as a tokenizer: {error}",
                where=str(file),
                hint="the file is damaged or was not written by dragoman: train the tokenizer again",
            ) from None

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Clean and tokenise. No special ids are added: "" is [].

        The vocabulary cuts a text at its spaces first, so a word has the same ids wherever it stands: each is cut up
        once, which is several times faster than to do it anew.
        """
        ids: list[list[int]] = []
        for start in range(0, len(texts), AT_ONCE):
            rows = [clean(text).split(" ") for text in texts[start : start + AT_ONCE]]
            known = self._known(rows)
            ids.extend(list(chain.from_iterable(map(known.__getitem__, words))) for words in rows)
        return ids

    def _known(self, rows: list[list[str]]) -> dict[str, list[int]]:
        """The ids of each word of these rows, and of others."""
        if self._characters > MOST_CHARACTERS:
            self._words, self._characters = {}, 0
        known = self._words
        new = list({word for words in rows for word in words if word not in known})
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            encodings = self._backend.encode_batch_fast(some, add_special_tokens=False)
            known.update((word, encoding.ids) for word, encoding in zip(some, encodings, strict=True))
        self._characters += sum(map(len, new))
        return known

    def encode_chat(self, texts: Sequence[str]) -> NoReturn:
        self._refuse_chat()

    def chat_text(self, messages: Sequence[Mapping[str, str]], *, answer_next: bool) -> NoReturn:
        self._refuse_chat()

    def _refuse_chat(self) -> NoReturn:
        raise RequestError(
            "a tokenizer of our own has no chat template",
            where=str(self.folder),
            hint="conversations need a pretrained chat model: name one in model.pretrained",
        )

    def copy_to(self, folder: Path) -> None:
        for name in (MODEL_FILE, TOKENIZER_FILE, CONFIG_FILE):  # and nothing else that may stand beside them
            if (self.folder / name).exists():
                shutil.copy(self.folder / name, folder / name)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, whatever a model made of them.

        Pad, end and sentinels have no text, an unknown piece is U+FFFD, and so are bytes that are no UTF-8.
        What a model spells in bytes may hold anything, a line end too: who writes lines has to look.
        """
        return b"".join([self._utf8[id] for id in ids]).decode("utf-8", errors="replace").removeprefix(" ")

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The names of the pieces, for people to read: "▁Hund", "<0xF0>", "</s>"."""
        return [self._names[id] for id in ids]


def _verify(pieces: list[str], cutting: object) -> None:
    """Refuse a vocabulary that is not laid out as `specials` says, or cuts not at spaces: all above relies on it."""
    layout = {
        "specials": (pieces[:FIRST_BYTE_ID], [specials.PAD, specials.EOS, specials.UNK]),
        "byte pieces": (pieces[FIRST_BYTE_ID : FIRST_BYTE_ID + len(BYTES)], BYTES),
        "sentinels": (pieces[: -len(SENTINELS) - 1 : -1], SENTINELS),
    }
    wrong = [name for name, (found, expected) in layout.items() if found != expected]
    if wrong or len(pieces) <= specials.SMALLEST:
        raise ValueError(f"its {' and '.join(wrong) or 'learned pieces'} are not where they belong")
    if not (getattr(cutting, "split", False) and getattr(cutting, "prepend_scheme", None) == "first"):
        raise ValueError("it does not cut texts at their spaces")
