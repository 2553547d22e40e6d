"""The recipe's `pairs`: parallel text, cleaned by rules; and the rules with their thresholds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, get_origin

from pydantic import Field, PositiveInt, field_serializer, field_validator, model_validator
from pydantic_core.core_schema import ValidationInfo

from dragoman.recipe.schema.data import Source
from dragoman.recipe.schema.section import Section, Share, Words, key

OFF = "off"
SECTION_OR_OFF = Words("a section, or off")
Similarity = Annotated[float, Field(gt=0.0, le=1.0)]
Ratio = Annotated[float, Field(ge=1.0)]
OnOff = Literal["on", "off"]
Code = Annotated[str, Words("a language's code, such as de, hi or pt-BR")]


class WordCount(Section):
    """Words on each side. Not asked of text in scripts without spaces."""

    min: PositiveInt = key(1, "The fewest.")
    max: PositiveInt = key(150, "The most.")

    @model_validator(mode="after")
    def _in_order(self) -> WordCount:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is above max ({self.max})")
        return self


class CharacterCount(Section):
    """Characters on each side."""

    max: PositiveInt = key(1500, "The most.")


class LongestWord(Section):
    """The longest word of each side. Not asked of text in scripts without spaces."""

    max: PositiveInt = key(60, "The most characters in one word.")


class WordRatio(Section):
    """The longer side's words for one of the shorter. Not asked of text in scripts without spaces."""

    max: Ratio = key(2.5, "The most.")
    above: Annotated[int, Field(ge=0)] = key(5, "Asked only where the longer side has more words than this.")


class CharacterRatio(Section):
    """The longer side's characters for one of the shorter. An ideograph counts as three letters, a syllable as two."""

    max: Ratio = key(2.5, "The most.")
    above: Annotated[int, Field(ge=0)] = key(20, "Asked only where the longer side has more characters than this.")


class Copied(Section):
    """Sides that are nearly the same text: one of them was not translated."""

    similarity: Similarity = key(0.9, "From this similarity on a side is a copy; 1: the same but for case and spaces.")
    above: Annotated[int, Field(ge=0)] = key(
        3, "Asked only where a side has more words than this: names and numbers may well be the same."
    )


class Alphabetic(Section):
    """The share of letters in all that is no white space, on each side."""

    min: Share = key(0.5, "The least.")


class Script(Section):
    """The share of each side's letters that are in the scripts of its language."""

    min: Share = key(0.5, "The least.")


class Digits(Section):
    """Numbers without a counterpart on the other side.

    1.234,5 and 1,234.5 are the same number, 14:30 and 2:30 p.m. the same time, 24.12.2024 and 12/24/2024 the same date.
    """

    spelled: Annotated[int, Field(ge=0)] = key(
        100, "Numbers up to this may be missing on one side: they may stand there in words."
    )


class LanguageId(Section):
    """Whether each side is in its language, as far as can be told from the text."""

    min: Share = key(0.5, "The least confidence that it is.")
    above: Annotated[int, Field(ge=0)] = key(
        20, "Asked only of texts of at least so many characters: shorter ones say too little."
    )


class NearDuplicate(Section):
    """Pairs that are nearly one that was kept before: with the same letters and digits, or almost."""

    similarity: Similarity = key(
        0.9, "From this share of common sequences of four characters (Jaccard, by MinHash) on it is one."
    )


class Targets(Section):
    """Different targets for the same source."""

    max: PositiveInt = key(4, "How many are kept, the first ones.")


class Overlap(Section):
    """Pairs one side of which stands in an evaluation set: with the same letters and digits, or almost."""

    similarity: Similarity = key(
        0.9, "From this share of common sequences of four characters on a text is the same; 1: equal texts only."
    )


class PairRules(Section):
    """What a pair must pass, in this order; `off` switches a rule off. A recipe changes the preset's thresholds one by
    one. Rules about words are not asked of text in scripts without spaces, such as Chinese or Thai.
    """

    words: Annotated[WordCount | None, SECTION_OR_OFF] = key(WordCount(), "Words on each side.")
    characters: Annotated[CharacterCount | None, SECTION_OR_OFF] = key(CharacterCount(), "Characters on each side.")
    longest_word: Annotated[LongestWord | None, SECTION_OR_OFF] = key(LongestWord(), "The longest word of each side.")
    word_ratio: Annotated[WordRatio | None, SECTION_OR_OFF] = key(
        WordRatio(), "The longer side's words to the shorter's."
    )
    character_ratio: Annotated[CharacterRatio | None, SECTION_OR_OFF] = key(
        CharacterRatio(), "The longer side's characters to the shorter's."
    )
    alphabetic: Annotated[Alphabetic | None, SECTION_OR_OFF] = key(Alphabetic(), "The share of letters.")
    script: Annotated[Script | None, SECTION_OR_OFF] = key(Script(), "The share of letters in the language's script.")
    copied: Annotated[Copied | None, SECTION_OR_OFF] = key(Copied(), "Sides that are nearly the same text.")
    digits: Annotated[Digits | None, SECTION_OR_OFF] = key(Digits(), "Numbers without a counterpart.")
    terminal: OnOff = key(
        "on", "Whether both sides end alike: as a statement (which may lack its mark), as a question, or going on."
    )
    language: Annotated[LanguageId | None, SECTION_OR_OFF] = key(LanguageId(), "The language of each side.")
    evaluation: Annotated[Overlap | None, SECTION_OR_OFF] = key(Overlap(), "Texts that stand in an evaluation set.")
    duplicate: OnOff = key("on", "Pairs that are the same as one before, but for case and white space.")
    near_duplicate: Annotated[NearDuplicate | None, SECTION_OR_OFF] = key(
        NearDuplicate(), "Pairs that are nearly one before."
    )
    targets: Annotated[Targets | None, SECTION_OR_OFF] = key(
        None, "Different targets for the same source (default: off)."
    )

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_empty(cls, given: Any) -> Any:
        """A rule that is off is None here; a rule whose value a recipe leaves empty is not off."""
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given

    @field_validator("*", mode="before")
    @classmethod
    def _off(cls, value: Any, info: ValidationInfo) -> Any:
        is_switch = get_origin(cls.model_fields[str(info.field_name)].annotation) is Literal
        return None if value == OFF and not is_switch else value

    @field_serializer("*", mode="wrap")
    def _as_written(self, value: Any, write: Callable[[Any], Any]) -> Any:
        return OFF if value is None else write(value)


PRESETS: dict[str, dict[str, Any]] = {
    "pairs": {},
    "pairs-de-en": {
        "characters": OFF,
        "word_ratio": {"max": 2.0},
        "character_ratio": {"max": 2.2},
    },
}
LANGUAGES = {"pairs-de-en": {"source": "de", "target": "en"}}


class PairLanguages(Section):
    source: Code = Field(description="The source's language.")
    target: Code = Field(description="The target's language.")


class PairFilter(Section):
    """Rules for sentence pairs of two languages."""

    languages: PairLanguages | None = key(
        None, "The codes of the two languages, for the rules script and language; with pairs-de-en: de and en."
    )
    preset: Literal["pairs", "pairs-de-en"] = key(
        "pairs",
        "The thresholds to begin with. pairs: for any two languages. pairs-de-en: for German and English, whichever is "
        "the source: the longer side has at most twice the shorter's words, and 2.2 times its characters.",
    )
    rules: PairRules = key(PairRules(), "Each rule's thresholds, or off.")

    @model_validator(mode="before")
    @classmethod
    def _from_the_preset(cls, given: Any) -> Any:
        """The preset's thresholds below the recipe's own, so that a saved recipe says them all."""
        if not isinstance(given, dict):
            return given
        preset, own = str(given.get("preset", "pairs")), given.get("rules", {})
        if preset not in PRESETS or not isinstance(own, dict):
            return given
        rules = {**PRESETS[preset], **{name: value for name, value in own.items() if value is not None}}
        for name, thresholds in PRESETS[preset].items():
            if isinstance(thresholds, dict) and isinstance(rules[name], dict):
                rules[name] = {**thresholds, **rules[name]}
        languages = given.get("languages") or LANGUAGES.get(preset)
        return {**given, "languages": languages, "rules": rules}


class Pairs(PairFilter):
    """Sentence pairs, cleaned by rules: `dragoman corpus pairs`."""

    sources: list[Source] = Field(description="The pairs.", min_length=1)
    source: str = key("{source}", "The source: a column's name, or a template such as `{translation.en}`.")
    target: str = key("{target}", "The target: a column's name, or a template.")
    evaluation: list[Source] = key(
        [],
        "Texts that no pair may hold: every text in these rows, whatever its column. What data.validation and "
        "data.test of the same recipe hold belongs to them.",
    )
    output: Literal["parquet", "tsv"] = key(
        "parquet", "The format of the pairs that are kept. tsv: tabs and line ends inside a text become spaces."
    )
