"""Where raw text comes from: for corpora, pretraining and synthesis."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveFloat, PositiveInt, model_validator

from dragoman.recipe.schema.section import FilePath, HubName, Section, key


class TextSource(Section):
    """Raw text: files, a folder of them, or a data set on the hub.

    Paths are relative to the recipe's folder; `${NAME}` is replaced by an environment variable.
    """

    path: FilePath | None = key(
        None, "A file, a folder (all readable files in it), or a pattern such as `texts/*.jsonl.zst`."
    )
    format: Literal["text", "jsonl", "parquet", "wet", "warc"] | None = key(
        None, "The format, where the name's ending (before .gz or .zst) does not say it."
    )
    column: str = key("text", "JSON Lines, Parquet and the hub: the column with the text; `a.b` for a nested one.")
    document: Literal["paragraph", "line", "file"] = key(
        "paragraph", "Plain text: what one document is; paragraphs are separated by empty lines."
    )
    encoding: str = key("utf-8", "Plain text: its encoding, such as latin-1.")
    hub: HubName | None = key(
        None, "A data set on the hub, or a local folder that is laid out like one; read as it streams."
    )
    config: str | None = key(None, "The configuration of the data set on the hub, where it has several.")
    split: str = key("train", "Which split of the data set on the hub.")
    revision: str | None = key(None, "A branch, tag or commit of the data set on the hub (default: the newest).")
    rows: PositiveInt | None = key(None, "Only the first so many documents.")
    language: str | None = key(None, "The text's language (a code such as de), where it is known.")
    share: PositiveFloat | None = key(
        None, "This source's share of the bytes taken, against the other sources' shares; without it all is taken."
    )

    alternatives = (("path", "format", "document", "encoding"), ("hub", "config", "split", "revision"))

    @model_validator(mode="after")
    def _one_kind(self) -> TextSource:
        if (self.path is None) == (self.hub is None):
            raise ValueError("give exactly one of path and hub")
        if self.path is None and (self.format or self.document != "paragraph" or self.encoding != "utf-8"):
            raise ValueError("format, document and encoding go with path")
        if self.hub is None and (self.config or self.revision or self.split != "train"):
            raise ValueError("config, split and revision go with hub")
        return self
