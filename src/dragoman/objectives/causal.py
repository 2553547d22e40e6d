"""For causal models: a prompt and its answer as one sequence, of which the answer is learnt.

- Prompt and answer are tokenised together, as tokenizers cut them otherwise apart. The prompt is what the sequence and
  the prompt's own ids have in common at their beginning; what follows is the answer.
- A prompt's own ids are those that it has where something follows it. Spaces at its end are left out: in most
  vocabularies they belong to the next token. Other white space may be cut otherwise at the end of a text (GPT-2's
  rules make one token of two line breaks there), so it is tokenised with a letter after it, whose token goes again.
- A sequence begins with the begin token once, where the tokenizer has one, and ends in an end token that is learnt.
- Which ids are learnt is known by their places, never by what they are: padding may be the end token.
- `prompt_ids` is what an answer is asked for with. Training uses the same functions, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from dragoman.data.rows import BadRow, Example, Message, excerpt
from dragoman.objectives.chat_template import ChatTemplate, Turn, as_mappings, common
from dragoman.objectives.encoding import Encoded, Objective, shortened
from dragoman.recipe.schema import Data
from dragoman.tokenizer.face import TextTokenizer

SHARED = "prompt and answer share a token, so answers begin otherwise than was learnt: end the prompt in a line break"
REWRITTEN = "not all answers are learnt: the chat template writes some otherwise once the conversation goes on"


class Causal(Objective):
    """A row that learns one answer has a limit for its prompt and one for its answer; a conversation of several answers
    has both together.

    To trim a row, the end of an answer goes, its end token kept, and the beginning of a prompt, its begin token kept;
    of several answers, the last ones go whole, with all that stands between them.
    """

    @cached_property
    def template(self) -> ChatTemplate:
        return ChatTemplate(self.tokenizer)

    def encode_batch(self, examples: list[Example]) -> Iterator[Encoded | BadRow]:
        return self._pairs(examples) if examples[0].messages is None else self._conversations(examples)

    def _pairs(self, examples: list[Example]) -> Iterator[Encoded | BadRow]:
        prompts = _text_prompts([example.source for example in examples], self.tokenizer)
        together = self.tokenizer.encode_batch([example.source + example.target for example in examples])
        for example, prompt, ids in zip(examples, prompts, together, strict=True):
            whole = begun(ids, self.tokenizer)
            start = _start(prompt, whole)
            if start >= len(whole):
                yield _bad(example, "the answer has no tokens of its own")
                continue
            sequence = [*whole, self.tokenizer.eos_id]
            remark = SHARED if start < len(prompt) else None
            yield _encoded(example, sequence, list(range(start, len(sequence))), len(example.target.encode()), remark)

    def _conversations(self, examples: list[Example]) -> Iterator[Encoded | BadRow]:
        found = [self.template.turns(example) for example in examples]
        turns = [turn for one in found if isinstance(one, list) for turn in one]
        prompts = iter(_chat_prompts([turn.prompt for turn in turns], self.tokenizer))
        wholes = iter(self.tokenizer.encode_chat([turn.whole for turn in turns]))
        for example, one in zip(examples, found, strict=True):
            if isinstance(one, BadRow):
                yield one
                continue
            encoded = [(turn, next(prompts), self._ended(begun(next(wholes), self.tokenizer))) for turn in one]
            yield self._conversation(example, encoded)

    def _ended(self, whole: list[int]) -> list[int]:
        """A rendered answer up to the token that ends it; all of it where the template renders none."""
        end = self.template.end_id
        return whole if end is None else whole[: len(whole) - whole[::-1].index(end)]

    def _conversation(self, example: Example, turns: list[tuple[Turn, list[int], list[int]]]) -> Encoded | BadRow:
        """The sequence is the last answer with all before it. An earlier answer is learnt where it stands in it."""
        ends = self.template.end_id is not None
        last = turns[-1][2]
        sequence = last if ends else [*last, self.tokenizer.eos_id]
        places: list[int] = []
        learnt = size = 0
        for turn, prompt, whole in turns:
            start = _start(prompt, whole)
            says_something = start < len(whole) - ends
            if whole is last and not says_something:
                return _bad(example, "the last answer has no tokens of its own")
            if says_something and sequence[: len(whole)] == whole:
                places += range(start, len(sequence) if whole is last else len(whole))
                size += len(turn.answer.encode())
                learnt += 1
        return _encoded(example, sequence, places, size, REWRITTEN if learnt < len(turns) else None)

    def overlong(self, row: Encoded, data: Data) -> tuple[str, ...]:
        assert row.places is not None
        if len(_stops(row.places)) > 1:
            limit = data.max_source_length + data.max_target_length
            return (f"conversation over {limit} tokens",) if len(row.input_ids) > limit else ()
        sides = (
            ("source", row.source_length, data.max_source_length),
            ("target", len(row.labels), data.max_target_length),
        )
        return tuple(f"{side} over {limit} tokens" for side, length, limit in sides if length > limit)

    def trimmed(self, row: Encoded, data: Data) -> Encoded:
        assert row.places is not None
        limit, stops = data.max_source_length + data.max_target_length, _stops(row.places)
        if len(stops) > 1:
            end = [] if self.template.end_id is not None else [self.tokenizer.eos_id]  # the last answer alone has one
            stop = max((stop for stop in stops if stop + len(end) <= limit), default=stops[0])
            learnt = [place for place in row.places if place < stop] + [stop] * len(end)
            sequence = row.input_ids[:stop] + end
            row = replace(row, input_ids=sequence, labels=[sequence[place] for place in learnt], places=learnt)
            if len(sequence) <= limit:
                return row
        prompt = row.input_ids[: len(row.input_ids) - len(row.labels)]
        begin = prompt[:1] if prompt[0] == self.tokenizer.bos_id else []
        if len(prompt) > data.max_source_length:
            prompt = begin + prompt[len(prompt) - data.max_source_length + len(begin) :]
        labels = shortened(row.labels, data.max_target_length)
        places = list(range(len(prompt), len(prompt) + len(labels)))
        return replace(row, input_ids=prompt + labels, labels=labels, places=places)


def prompt_ids(question: str | Sequence[Message], tokenizer: TextTokenizer) -> list[int]:
    """What a causal model reads before it answers a text, or takes the next turn of a conversation.

    Raises RequestError where a conversation goes through no chat template, or is refused by it.
    """
    if isinstance(question, str):
        return _text_prompts([question], tokenizer)[0]
    return _chat_prompts([tokenizer.chat_text(as_mappings(question), answer_next=True)], tokenizer)[0]


def _text_prompts(texts: list[str], tokenizer: TextTokenizer) -> list[list[int]]:
    return [begun(ids, tokenizer) for ids in _followed(texts, tokenizer.encode_batch)]


def _chat_prompts(rendered: list[str], tokenizer: TextTokenizer) -> list[list[int]]:
    return [begun(ids, tokenizer) for ids in _followed(rendered, tokenizer.encode_chat)]


def _followed(texts: list[str], encode: Callable[[list[str]], list[list[int]]]) -> list[list[int]]:
    """The ids of texts as they are where something follows."""
    stripped = [text.rstrip(" ") for text in texts]
    spaced = [text[-1:].isspace() for text in stripped]
    rows = encode([text + "A" if open else text for text, open in zip(stripped, spaced, strict=True)])
    return [ids[:-1] if open else ids for ids, open in zip(rows, spaced, strict=True)]


def begun(ids: list[int], tokenizer: TextTokenizer) -> list[int]:
    """With the begin token, where the tokenizer has one and no template has put it there."""
    begin = tokenizer.bos_id
    return ids if begin is None or ids[:1] == [begin] else [begin, *ids]


def _start(prompt: list[int], whole: list[int]) -> int:
    """Where the answer begins: after what both have in common, and never first, as nothing would predict it."""
    return max(1, common(prompt, whole))


def _stops(places: Sequence[int]) -> list[int]:
    """Where each answer of a sequence stops: after every place that the next one does not follow."""
    return [place + 1 for place, after in zip(places, [*places[1:], -1], strict=True) if after != place + 1]


def _encoded(example: Example, sequence: list[int], places: list[int], size: int, remark: str | None) -> Encoded:
    return Encoded(example, sequence, [sequence[place] for place in places], size, places, remark)


def _bad(example: Example, reason: str) -> BadRow:
    return BadRow(example.origin, reason, excerpt({"source": example.source, "target": example.target}))
