"""The recipe's `data`: where rows come from and how they become examples."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt, model_validator

from dragoman.recipe.schema.section import FilePath, HubName, Level, Name, Section, key


class Phrasebook(Section):
    """Sentence pairs from the built-in German-English grammar: no file needed."""

    rows: PositiveInt = key(20_000, "How many pairs.")
    split: Literal["train", "validation", "test"] = key("train", "Which part: no sentence is in two of them.")
    levels: list[Level] = key(["A1", "A2", "B1", "B2", "C1"], "The levels to draw from, in equal shares.", min_length=1)


class Source(Section):
    """Where rows come from: one file, two aligned text files, a data set on the hub, or the built-in phrasebook.

    Paths are relative to the recipe's folder; `${NAME}` is replaced by an environment variable.
    """

    path: FilePath | None = key(None, "A .tsv, .csv, .jsonl, .parquet, .xlsx or .conll file.")
    format: Literal["tsv", "csv", "jsonl", "parquet", "xlsx", "conll"] | None = key(
        None,
        "The format, where the name's ending does not say it. csv: cells are separated by commas, semicolons or tabs, "
        "whichever the header line has most of. conll: a token a line with its tag last, an empty line after each "
        "sentence; the columns are then `tokens` and `ner_tags`.",
    )
    sheet: str | None = key(None, "The sheet of an .xlsx file (default: the first).")
    source_path: FilePath | None = key(
        None, "A text file with one source a line; columns are then named `source` and `target`."
    )
    target_path: FilePath | None = key(None, "The text file with the targets, line by line the same.")
    hub: HubName | None = key(None, "A data set on the hub, or a local folder that is laid out like one.")
    config: str | None = key(None, "The configuration of the data set on the hub, where it has several.")
    split: str = key("train", "Which split of the data set on the hub.")
    revision: str | None = key(None, "A branch, tag or commit of the data set on the hub (default: the newest).")
    streaming: bool = key(False, "Read the data set on the hub as it is downloaded, and keep no copy of it.")
    rows: PositiveInt | None = key(None, "Only the first so many rows.")
    phrasebook: Phrasebook | None = key(None, "The built-in German-English phrasebook.")

    alternatives = (
        ("path", "format", "sheet"),
        ("source_path", "target_path"),
        ("hub", "config", "split", "revision", "streaming"),
        ("phrasebook",),
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Source:
        kinds = [
            self.path is not None,
            self.source_path is not None or self.target_path is not None,
            self.hub is not None,
            self.phrasebook is not None,
        ]
        if sum(kinds) != 1:
            raise ValueError("give exactly one of path, the pair source_path and target_path, hub, or phrasebook")
        if kinds[1] and (self.source_path is None or self.target_path is None):
            raise ValueError("source_path and target_path go together")
        if self.path is None and (self.format or self.sheet):
            raise ValueError("format and sheet go with path")
        if self.hub is None and (self.config or self.revision or self.streaming or self.split != "train"):
            raise ValueError("config, split, revision and streaming go with hub")
        return self


class Template(Section):
    """How a row's columns become a source and a target, or a conversation. `{name}` stands for a column, `{a.b}` for a
    nested one. For the task entities there are two columns more: `{tokens}`, the words with spaces between them, and
    `{entities}`, the list `entity: TYPE | entity: TYPE`.

    For the task chat, source and target are one question and its answer, and go through the model's own chat template.
    """

    source: str = key("{source}", "The model's input.")
    target: str = key("{target}", "What the model should answer.")
    defaults: dict[str, str] = key(
        {}, "Values for columns that may be missing or empty; without one such a row is quarantined."
    )
    level: str | None = key(None, "A column to group scores by, such as a language level.")
    messages: str | None = key(
        None, "Task chat: a column with whole conversations, lists of `{role, content}`, instead of source and target."
    )
    system: str | None = key(None, "Task chat: a system message that comes before every conversation.")

    alternatives = (("source", "target"), ("messages",))


class Entities(Section):
    """Task entities: which columns hold a sentence's words and their tags."""

    tokens: str = key("tokens", "The column with the list of words.")
    tags: str = key("ner_tags", "The column with a tag for each word, such as `B-PER`.")
    scheme: Literal["auto", "iob1", "iob2", "bioes"] = key(
        "auto", "How tags mark where an entity begins; auto: told from the tags of the source's first rows."
    )
    none: str = key("None", "What stands for a sentence without entities.")


class Languages(Section):
    source: str = key("source", "The language of the source: a name or a code, for people to read.")
    target: str = key("target", "The language of the target.")


class Data(Section):
    """What the model learns from and is measured on."""

    train: list[Source] = Field(description="The training rows: one or more sources.", min_length=1)
    validation: Source | None = key(
        None, "Rows to tune on. Without it `validation_rows` are held out of the training rows."
    )
    validation_rows: PositiveInt = key(1000, "How many rows to hold out (at most a tenth of them).")
    test: dict[Name, Source] = key({}, "Named test sets, scored once at the end.")
    template: Template = key(Template(), "How columns become source and target.")
    drop_if: dict[str, str] = key(
        {}, "Columns, each with a regular expression: rows in whose column it is found are dropped, and counted."
    )
    entities: Entities = key(Entities(), "Task entities: which columns hold words and tags.")
    languages: Languages = key(Languages(), "The names of the two languages.")
    max_source_length: PositiveInt = key(
        128, "The longest source, in tokens with the end token; for causal models, the longest prompt."
    )
    max_target_length: PositiveInt = key(
        128,
        "The longest target, in tokens with the end token. A conversation in which several answers are learnt may have "
        "as many tokens as both limits together.",
    )
    overlong: Literal["drop", "trim", "error"] = key(
        "drop",
        "What happens to longer training rows. trim takes away the end of a target or source, of a causal model's "
        "prompt the beginning, and of a long conversation the last turns. Evaluation rows are never cut.",
    )
    strict: bool = key(False, "Stop at the first bad row instead of putting it into quarantine.")
