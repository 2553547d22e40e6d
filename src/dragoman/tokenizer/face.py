"""The face of every tokenizer: our own Unigram vocabulary, or the one that a pretrained model came with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path


class TextTokenizer(ABC):
    """Texts to ids and back. No text becomes a special id, whatever it says."""

    folder: Path  # where its files are
    vocabulary_size: int
    pad_id: int  # the end token's where there is none of its own: what is padding is known by position
    eos_id: int
    unk_id: int | None
    bos_id: int | None  # only where texts begin with it
    suppressed_ids: list[int]  # what no answer may hold: specials and sentinels, but not the end token
    sentinel_ids: list[int]  # of <extra_id_0>, <extra_id_1> and so on, as far as there are any

    @abstractmethod
    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text. No special ids are added: "" is []."""

    def encode(self, text: str) -> list[int]:
        return self.encode_batch([text])[0]

    def encode_targets(self, texts: Sequence[str]) -> list[list[int]]:
        """As `encode_batch`, for texts that the model is to write: Marian cuts the two languages differently."""
        return self.encode_batch(texts)

    @abstractmethod
    def encode_chat(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of conversations that `chat_text` wrote: here what looks special is meant to be special."""

    @abstractmethod
    def decode(self, ids: Sequence[int]) -> str:
        """The text of any ids that a model may make. Special ids have none."""

    @abstractmethod
    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The names of the pieces, for people to read."""

    @abstractmethod
    def copy_to(self, folder: Path) -> None:
        """Write the tokenizer's files into a folder that exists."""

    @abstractmethod
    def chat_text(self, messages: Sequence[Mapping[str, str]], *, answer_next: bool) -> str:
        """A conversation in the tokenizer's chat template. messages: `role` and `content` each.

        answer_next: end where the assistant's next turn begins. Raises RequestError where there is no template, or
        where it refuses the conversation.
        """
