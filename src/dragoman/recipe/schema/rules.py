"""The recipe's `corpus.rules`: what a document has to pass, and which of its lines go.

Every rule measures one number and keeps what lies between `min` and `max`, both included. The descriptions here are
also what `explain` and the report print.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, model_validator

from dragoman.recipe.schema.section import Name, Section, Words, key

Code = Annotated[str, Field(pattern=r"^[a-z]{2,3}$"), Words("a language's code such as de")]
Number = Annotated[float, Field(ge=0)]
Part = Annotated[float, Field(ge=0, le=1)]
Phrase = Annotated[str, Field(pattern=r"\S"), Words("text that is not empty")]


class Limits(Section):
    """The least and the most that is kept."""

    min: Number | None = key(None, "Below this it goes.")
    max: Number | None = key(None, "Above this it goes.")

    @model_validator(mode="after")
    def _in_order(self) -> Limits:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max: nothing could pass")
        return self


class ShareLimits(Limits):
    """The least and the most that is kept, as a share: 0.18 is 18 %."""

    min: Part | None = key(None, "Below this share it goes.")
    max: Part | None = key(None, "Above this share it goes.")


class Switched(Section):
    """What `off` switches off."""

    off: bool = key(False, "Take the rule away. `off` in the place of the section says the same.")

    @model_validator(mode="before")
    @classmethod
    def _switched_off(cls, given: Any) -> Any:
        return {"off": True} if given == "off" else given


class Measured(Limits, Switched):
    """A rule with thresholds. What is left out stays as the presets have it."""

    languages: dict[Code, Limits] = key({}, "Other thresholds for documents of these languages.")


class Shared(ShareLimits, Switched):
    """A rule whose thresholds are shares: 0.18 is 18 %. What is left out stays as the presets have it."""

    languages: dict[Code, ShareLimits] = key({}, "Other thresholds for documents of these languages.")


class StopWords(Measured):
    """How many of a language's commonest words a document has."""

    words: dict[Code, list[Phrase]] = key({}, "The words, as they are written, by language.")


class Phrases(Measured):
    """In how many lines of a document one of these phrases stands."""

    phrases: list[Phrase] = key([], "The phrases, in either case.")


class LineEnd(Switched):
    """How a line has to end."""

    marks: list[Phrase] = key([], "A line that ends in none of these marks goes; an ellipsis is no end.")


class LinePhrases(Switched):
    """Phrases that a line must not have."""

    phrases: list[Phrase] = key([], "A line with one of these phrases, in either case, goes.")
    longest: PositiveInt | None = key(None, "Lines of more characters stay, whatever they hold.")


class Pattern(Section):
    """A regular expression of RE2's syntax, which has no look-around and no back-references and takes linear time.

    Each line is searched on its own, without white space at its ends: `^` and `$` are the line's, and nothing spans
    two lines.
    """

    regex: str = Field(description="The expression; `(?i)` at its beginning: in either case.", min_length=1)
    remove: Literal["document", "line"] = key("document", "What goes: the document, or only the lines that match.")
    max: Part = key(0.0, "With `remove: document`: the largest share of lines that may match.")

    @model_validator(mode="after")
    def _compiles(self) -> Pattern:
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.remove == "line" and self.max:
            raise ValueError("max goes with remove: document")
        try:
            pc.match_substring_regex(pa.array([""]), self.regex)
        except (pa.ArrowInvalid, UnicodeEncodeError) as error:
            said = str(error).removeprefix("Invalid regular expression: ")
            raise ValueError(f"regex is none that RE2 understands: {said}") from None
        return self


WITH_LIMITS = Words("off, or a section with min and max")
SECTION = Words("off, or a section")
Range = Annotated[Measured, WITH_LIMITS] | None
Share = Annotated[Shared, WITH_LIMITS] | None
TOP = "Characters of all occurrences of the most frequent {} words in a row, for each character of the text."
DUPLICATE = "Characters in repetitions of {} words in a row, as a share of all characters."


class Rules(Section):
    """Changes to the presets' rules, one by one, and rules of your own.

    A rule that no preset has is added; one that is not named stays as it is. First line rules take lines away, then
    documents pass the other rules in the order of this table, and count for the first that removes them. Words are what
    white space divides; lines without any are no lines.
    """

    line_longest_word: Range = key(None, "Characters of a line's longest word; other lines go.")
    line_end: Annotated[LineEnd, SECTION] | None = key(None, "How a line has to end; other lines go.")
    line_words: Range = key(None, "Words of a line; other lines go.")
    line_phrases: Annotated[LinePhrases, SECTION] | None = key(
        None, "Phrases of cookie banners, notices and menus; lines that have one go."
    )

    character_count: Range = key(None, "Characters of the document.")
    word_count: Range = key(None, "Words of the document, less those of nothing but punctuation and symbols.")
    line_count: Range = key(None, "Lines of the document.")
    sentence_count: Range = key(
        None, "Words that end a sentence: in . ! ? or their like, before closing quotes or brackets."
    )
    mean_word_length: Range = key(
        None, "Characters of a word in the mean, less words of nothing but punctuation and symbols."
    )
    alphabetic_words: Share = key(None, "Words with a letter, as a share of all words.")
    stop_words: Annotated[StopWords, WITH_LIMITS] | None = key(
        None, "How many of its language's commonest words a document has; it passes where the language has none listed."
    )
    hash_ratio: Range = key(None, "Signs # for each word.")
    ellipsis_ratio: Range = key(None, "Ellipses for each word.")
    bullet_lines: Share = key(None, "Lines that begin with a bullet or a hyphen, as a share of all lines.")
    ellipsis_lines: Share = key(None, "Lines that end in an ellipsis, as a share of all lines.")
    punctuated_lines: Share = key(
        None, "Lines that end as a sentence does (see sentence_count), as a share of all lines."
    )
    lines_up_to_30: Share = key(None, "Lines of at most 30 characters, as a share of all lines.")
    lines_up_to_100: Share = key(None, "Lines of at most 100 characters, as a share of all lines.")
    short_header: Share = key(None, "Lines under 100 bytes, as a share of the first fifth of the lines.")
    short_footer: Share = key(None, "Lines under 100 bytes, as a share of the last fifth of the lines.")
    newline_ratio: Range = key(None, "Line breaks for each word.")
    digits: Share = key(None, "Digits, as a share of all characters.")
    upper_case: Share = key(None, "Upper-case letters, as a share of all characters.")
    other_characters: Share = key(None, "Characters that are no letters nor marks on letters, as a share of all.")
    curly_brackets: Range = key(None, "Opening curly brackets: a sign of program code.")
    phrases: Annotated[Phrases, WITH_LIMITS] | None = key(None, "Lines with one of the phrases.")
    patterns: dict[Name, Pattern] = key({}, "Regular expressions of your own.")

    duplicate_lines: Share = key(None, "Lines that repeat an earlier line, as a share of all lines.")
    duplicate_line_characters: Share = key(None, "Characters of repeated lines, as a share of all characters.")
    duplicate_paragraphs: Share = key(None, "Paragraphs that repeat an earlier one, as a share of all paragraphs.")
    duplicate_paragraph_characters: Share = key(
        None, "Characters of repeated paragraphs, as a share of all characters."
    )
    top_2gram: Range = key(None, TOP.format(2))
    top_3gram: Range = key(None, TOP.format(3))
    top_4gram: Range = key(None, TOP.format(4))
    duplicate_5grams: Share = key(None, DUPLICATE.format(5))
    duplicate_6grams: Share = key(None, DUPLICATE.format(6))
    duplicate_7grams: Share = key(None, DUPLICATE.format(7))
    duplicate_8grams: Share = key(None, DUPLICATE.format(8))
    duplicate_9grams: Share = key(None, DUPLICATE.format(9))
    duplicate_10grams: Share = key(None, DUPLICATE.format(10))
