"""The answers in a conversation, as a model's chat template writes them.

Where an answer begins and ends is found by comparing renderings: the messages before it, with the assistant's turn
opened, and the same with the answer. (transformers' own mask of assistant tokens needs marks that few templates hold.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.base.errors import RequestError
from dragoman.data.rows import BadRow, Example, Message, excerpt
from dragoman.tokenizer.face import TextTokenizer

PROBE = "Certainly"


@dataclass(frozen=True)
class Turn:
    """One of the assistant's turns.

    prompt: all before the answer, as the model reads it when it is asked. whole: prompt and answer, with what the
    template puts after it; without, where that holds no end token.
    """

    answer: str
    prompt: str
    whole: str


class ChatTemplate:
    """A tokenizer's chat template, and how it ends an answer. end_id: the token that does; None where there is none.

    Raises RequestError where there is no template, it does not render answers as they are, or the tokenizer does not
    know the end token in what it renders.
    """

    def __init__(self, tokenizer: TextTokenizer):
        self.tokenizer = tokenizer
        self.before, found, self.tail = self._exchange(PROBE).rpartition(PROBE)
        if not found:
            raise RequestError(
                "the chat template does not render an assistant's answer as it stands",
                where=str(tokenizer.folder),
                hint="choose a model whose template does, or train on texts with task: text-to-text",
            )
        open_ids, ids = tokenizer.encode_chat([self.before + PROBE, self.before + PROBE + self.tail])
        after = ids[common(open_ids, ids) :]
        self.end_id = next((id for id in after if id == tokenizer.eos_id or self._is_special(id)), None)
        name = tokenizer.pieces([tokenizer.eos_id])[0].removeprefix("▁")
        if self.end_id is None and name in self.tail:
            raise RequestError(
                f"the chat template ends answers with {name}, but the tokenizer reads that as text",
                where=str(tokenizer.folder),
                hint=f'set "normalized": false for {name} among the added_tokens of its tokenizer.json',
            )

    def _is_special(self, id: int) -> bool:
        """Whether it has no text, even between others: a space alone may have none."""
        ids = self.tokenizer.encode(PROBE)
        return self.tokenizer.decode([*ids, id, *ids]) == self.tokenizer.decode([*ids, *ids])

    def turns(self, example: Example) -> list[Turn] | BadRow:
        """Every answer to a user's question; a BadRow where there is none, or the template refuses the conversation."""
        assert example.messages is not None
        messages = as_mappings(example.messages)
        asked, found = False, []
        try:
            for i, message in enumerate(example.messages):
                asked = asked or message.role == "user"
                if message.role == "assistant" and asked:
                    prompt = self.tokenizer.chat_text(messages[:i], answer_next=True)
                    whole = self.tokenizer.chat_text(messages[: i + 1], answer_next=False)
                    found.append(self._turn(message.content, prompt, whole))
        except RequestError as error:
            return _bad(example, "the chat template refuses the conversation", error.message)
        return found or _bad(example, "the conversation has no answer to a question", None)

    def _exchange(self, answer: str) -> str:
        """A question and an answer."""
        turns = [{"role": "user", "content": PROBE}, {"role": "assistant", "content": answer}]
        return self.tokenizer.chat_text(turns, answer_next=False)

    def _turn(self, answer: str, prompt: str, whole: str) -> Turn:
        if not (whole.startswith(prompt) and whole.endswith(self.tail)):
            # Asked for an answer, some templates write otherwise: then it is learnt after what the model is asked with.
            alone = self._exchange(answer)
            if not (alone.startswith(self.before) and alone.endswith(self.tail)):
                raise RequestError("an answer is not found in what it makes of the conversation")
            whole = prompt + alone[len(self.before) :]
        return Turn(answer, prompt, whole if self.end_id is not None else whole.removesuffix(self.tail))


def answer_end(tokenizer: TextTokenizer) -> int:
    """The token that ends an answer in a conversation. Raises RequestError as `ChatTemplate` does."""
    end = ChatTemplate(tokenizer).end_id
    return tokenizer.eos_id if end is None else end


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many ids two sequences have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def as_mappings(messages: Sequence[Message]) -> list[dict[str, str]]:
    """As `chat_text` takes them."""
    return [{"role": message.role, "content": message.content} for message in messages]


def _bad(example: Example, reason: str, detail: str | None) -> BadRow:
    return BadRow(example.origin, reason, excerpt({"source": example.source, "target": example.target}), detail)
