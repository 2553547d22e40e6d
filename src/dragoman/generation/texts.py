"""From texts to texts: what a model's users, and its scores, get their answers from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice

from dragoman.base.device import Precision
from dragoman.base.progress import Bar, progress
from dragoman.base.seeds import derive
from dragoman.generation.batching import BATCH_TOKENS, generate
from dragoman.generation.prompts import Piece, Prompter, Question
from dragoman.generation.settings import Hypothesis, Settings
from dragoman.models.face import TextModel
from dragoman.tokenizer.cleaning import clean
from dragoman.tokenizer.face import TextTokenizer

WINDOW = 4096  # texts that are read, sorted and answered together: bounds the memory that a long file takes


@dataclass(frozen=True)
class Candidate:
    """One answer. score and finished: as in `Hypothesis`."""

    text: str
    score: float
    finished: bool


@dataclass(frozen=True)
class Answer:
    """The answers to one text, best first.

    pieces: 1 where the model saw the text as a whole; more where it was longer than the model's limit, was cut into so
    many pieces and their best answers joined; 0 for an empty text, whose answer is empty. trimmed: something of it was
    left out, as the model could not have had it in sight.
    """

    candidates: list[Candidate]  # at least one, at most n_best; one alone for a text in pieces. Samples may repeat.
    pieces: int
    trimmed: bool = False

    @property
    def text(self) -> str:
        return self.candidates[0].text


@dataclass(frozen=True)
class TextGenerator:
    """A model that answers texts, or conversations.

    prompter: makes its inputs. precision: what to compute in, None for what the weights are stored in.
    batch_tokens: see `batching`.
    """

    model: TextModel
    tokenizer: TextTokenizer
    prompter: Prompter
    settings: Settings
    precision: Precision | None = None
    one_line: bool = True  # answers are cleaned: no line end in one
    batch_tokens: int = BATCH_TOKENS

    def answer(
        self, texts: Iterable[Question], *, title: str | None = "translating", window: int = WINDOW
    ) -> Iterator[Answer]:
        """Answer each text, in order: exactly one `Answer` a text, whatever it holds, and no line end in one.

        title: of the progress bar, None for none; it is gone whenever an answer is handed out, which may be printed on
        the same terminal. window: how many texts are read, as their answers are asked for, and answered together.
        Samples follow from settings.seed and a text's place alone. Raises as `search` does.
        """
        total = len(texts) if isinstance(texts, Sized) else None
        first, remaining = 0, iter(texts)
        while together := list(islice(remaining, window)):
            with nullcontext() if title is None else progress(title, total, done=first, unit="texts") as bar:
                answers = self._answer(together, first, bar)
            yield from answers
            first += len(together)

    def _answer(self, texts: Sequence[Question], first: int, bar: Bar | None) -> list[Answer]:
        """Answer texts that are the caller's texts first, first + 1, ..."""
        cut = self.prompter.pieces(texts)
        places = [(text, piece) for text, pieces in enumerate(cut) for piece in range(len(pieces))]

        def show(answered: Sequence[int]) -> None:
            if bar is not None:
                bar.advance(sum(places[i][1] == 0 for i in answered))

        with nullcontext() if self.precision is None else self.precision.autocast(next(self.model.parameters()).device):
            found = generate(
                self.model,
                [cut[text][piece].ids for text, piece in places],
                widened(self.settings),
                eos_id=self.tokenizer.eos_id,
                pad_id=self.tokenizer.pad_id,
                suppress=self.tokenizer.suppressed_ids,
                seeds=[derive(self.settings.seed, first + text, piece) for text, piece in places],
                batch_tokens=self.batch_tokens,
                answered=show,
            )
        if bar is not None:
            bar.advance(sum(not pieces for pieces in cut))
        hypotheses = iter(found)
        answers = (compose(p, list(islice(hypotheses, len(p))), self.decode, self.settings) for p in cut)
        return list(answers)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of an answer."""
        text = self.tokenizer.decode(ids)
        return clean(text) if self.one_line else text.strip()


def widened(settings: Settings) -> Settings:
    """To search for several answers with: some hypotheses of a beam say the same in other tokens."""
    return settings if settings.sample or settings.n_best == 1 else replace(settings, n_best=settings.beam)


def compose(
    pieces: Sequence[Piece], found: Sequence[list[Hypothesis]], decode: Callable[[Sequence[int]], str],
    settings: Settings,
) -> Answer:  # fmt: skip
    """One text's answer from the hypotheses for each of its pieces."""
    if not pieces:
        return Answer([Candidate("", 0.0, True)], 0)
    if len(pieces) == 1:
        candidates = [Candidate(decode(h.ids), h.score, h.finished) for h in found[0]]
        if not settings.sample:  # a text can be made of other tokens too: its best score stands for it
            by_text: dict[str, Candidate] = {}
            for candidate in candidates:
                by_text.setdefault(candidate.text, candidate)
            candidates = list(by_text.values())
        return Answer(candidates[: settings.n_best], 1, pieces[0].trimmed)
    # Ranks of different pieces have nothing to do with each other, so only the best are joined. The score is what the
    # pieces' tokens would have as one output.
    best = [hypotheses[0] for hypotheses in found]
    joined = "".join(decode(h.ids) + " " * piece.spaced for h, piece in zip(best, pieces, strict=True))
    log_p = sum(h.score * h.length**settings.length_penalty for h in best)
    score = log_p / sum(h.length for h in best) ** settings.length_penalty
    return Answer([Candidate(clean(joined), score, all(h.finished for h in best))], len(pieces))
