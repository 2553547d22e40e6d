"""A Unigram vocabulary (Kudo, 2018): trained by sentencepiece, shipped as a `tokenizers` file.

- sentencepiece trains, because it is fast, takes a stream and has byte fallback. Its normaliser is off: `clean` did it.
- The same texts in the same order give the same files byte for byte, on any number of cores: the number of threads is
  fixed, since it decides in which order sentencepiece adds its floats.
- Memory: a sample of at most a million lines of at most 1,024 characters, however many texts there are.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import sentencepiece
import tokenizers
from tokenizers import decoders, models, pre_tokenizers

from dragoman.base.errors import RequestError
from dragoman.base.files import atomic_folder, write_json
from dragoman.base.progress import Bar, progress
from dragoman.tokenizer.cleaning import clean
from dragoman.tokenizer.specials import EOS, EOS_ID, PAD, PAD_ID, SENTINELS, SPACE, UNK, UNK_ID

MODEL_FILE = "sentencepiece.model"  # as trained; nothing but the `tokenizers` file is read to encode
TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILE = "tokenizer_config.json"

LINES = 1_000_000  # more are sampled
LINE_LENGTH = 1024  # characters; longer texts become several lines
RESERVED = "\u2585"  # ▅: sentencepiece marks unknowns with it and would skip the line; it gets spelt in bytes
THREADS = 16
BAR_EVERY = 1000  # texts; drawing costs more than reading
SILENT = 2  # sentencepiece's log level: errors only, and those are raised


def train_unigram(texts: Iterable[str], folder: Path, *, vocabulary_size: int, character_coverage: float) -> None:
    """Train on `texts` and write a tokenizer folder, whole or not at all.

    vocabulary_size: pieces in all, with specials, bytes and sentinels. character_coverage: share of the characters
    that get a piece of their own; the others become bytes. Texts are cleaned here and read once.
    The folder also loads with transformers' `PreTrainedTokenizerFast.from_pretrained`; it expects cleaned text.

    Raises RequestError where there is no text or the vocabulary cannot have this size; what iterating over `texts`
    raises passes through.
    """
    with progress("training the tokenizer", unit="texts") as bar:
        lines = _Lines(texts, bar, f"fitting {vocabulary_size:,} pieces")
        model = _train(lines, vocabulary_size, character_coverage)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    with atomic_folder(folder) as temporary:
        (temporary / MODEL_FILE).write_bytes(model)
        (temporary / TOKENIZER_FILE).write_text(convert(processor).to_str(pretty=True), encoding="utf-8")
        write_json(temporary / CONFIG_FILE, _config())


class _Lines:
    """Texts as sentencepiece's input: cleaned, cut, counted.

    `error` keeps what iterating over them raised, of which sentencepiece passes on only the text.
    """

    def __init__(self, texts: Iterable[str], bar: Bar, then: str):
        self.texts, self.bar, self.then = texts, bar, then
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[str]:
        count = 0
        try:
            for count, text in enumerate(self.texts, start=1):
                yield from _cut(clean(text).replace(RESERVED, " "))
                if count % BAR_EVERY == 0:
                    self.bar.advance(BAR_EVERY)
        except GeneratorExit:
            raise
        except BaseException as error:
            self.error = error
            raise
        self.bar.advance(count % BAR_EVERY)
        self.bar.note(self.then)


def _cut(text: str) -> Iterator[str]:
    """Parts of at most LINE_LENGTH characters, cut after a space where there is one."""
    start = 0
    while start < len(text):
        end = start + LINE_LENGTH
        if end < len(text):
            end = text.rfind(" ", start, end) + 1 or end
        yield text[start:end]
        start = end


def _train(lines: _Lines, vocabulary_size: int, character_coverage: float) -> bytes:
    """The serialised sentencepiece model, without the sentinels."""
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=model,
            model_type="unigram",
            vocab_size=vocabulary_size - len(SENTINELS),
            character_coverage=character_coverage,
            normalization_rule_name="identity",
            byte_fallback=True,
            split_digits=True,
            pad_id=PAD_ID, pad_piece=PAD, eos_id=EOS_ID, eos_piece=EOS, unk_id=UNK_ID, unk_piece=UNK, bos_id=-1,
            max_sentence_length=4 * LINE_LENGTH,  # bytes
            input_sentence_size=LINES,
            num_threads=THREADS,
            minloglevel=SILENT,
        )  # fmt: skip
    except RuntimeError as error:
        raise lines.error or _explain(str(error), vocabulary_size) from None
    return model.getvalue()


def _explain(message: str, vocabulary_size: int) -> Exception:
    where = "tokenizer.vocabulary_size"
    if largest := re.search(r"size too high .* <= (\d+)", message):
        n = int(largest[1]) + len(SENTINELS)
        return RequestError(
            f"{vocabulary_size} pieces are more than this text has: {n} is the largest possible size",
            where=where,
            hint=f"set {where} to at most {n}, or train on more text",
        )
    if smallest := re.search(r"smaller than required_chars. \d+ vs (\d+)", message):
        n = int(smallest[1]) + len(SENTINELS)
        return RequestError(
            f"{vocabulary_size} pieces are too few for this text's characters: they need {n}",
            where=where,
            hint=f"set {where} to at least {n}, or lower tokenizer.character_coverage",
        )
    if "!sentences_.empty()" in message:
        return RequestError("there is no text to train a tokenizer on", where="tokenizer")
    return RuntimeError(message)


def convert(processor: sentencepiece.SentencePieceProcessor) -> tokenizers.Tokenizer:
    """The same vocabulary and scores as a `tokenizers` tokenizer, the sentinels added at the end."""
    pieces = [(processor.id_to_piece(id), processor.get_score(id)) for id in range(processor.get_piece_size())]
    backend = tokenizers.Tokenizer(models.Unigram(pieces, unk_id=UNK_ID, byte_fallback=True))
    # "first", not "always", which would put a space behind each sentinel.
    backend.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="first")
    backend.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    specials = [PAD, EOS, UNK, *reversed(SENTINELS)]
    backend.add_special_tokens([tokenizers.AddedToken(name, special=True, normalized=False) for name in specials])
    return backend


def _config() -> dict[str, object]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "pad_token": PAD,
        "eos_token": EOS,
        "unk_token": UNK,
        "extra_special_tokens": SENTINELS,
        "clean_up_tokenization_spaces": False,
    }
