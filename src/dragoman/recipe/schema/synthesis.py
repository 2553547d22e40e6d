"""The recipe's `synthesis`: sentence pairs through an LLM's API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, field_validator, model_validator

from dragoman.recipe.schema.data import Source
from dragoman.recipe.schema.pairs import PairFilter, PairLanguages
from dragoman.recipe.schema.section import Section, Words, key
from dragoman.recipe.schema.texts import TextSource

NotEmpty = Annotated[str, Field(min_length=1), Words("text that is not empty")]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"), Words("the name of an environment variable")]
OURS = {  # as one word: Gemini takes max_output_tokens for maxOutputTokens
    "model", "messages", "contents", "systeminstruction", "stream", "responseformat", "responsemimetype",
    "responseschema", "responsejsonschema", "maxtokens", "maxcompletiontokens", "maxoutputtokens", "n", "bestof",
    "candidatecount", "temperature", "seed", "tools", "cachedcontent", "prediction", "websearchoptions",
}  # fmt: skip


def address_fault(value: str) -> str | None:
    """What is wrong with a server's address, without repeating it: a key in it would be written to files."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return "the address has no host and port that can be read"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "an address begins with http:// or https:// and a host"
    if parts.query or parts.username or parts.password or parts.fragment:
        return "the address must hold no key, user or password: the key comes from the environment"
    return None


class Prices(Section):
    """What the provider asks for, in any currency. Thinking counts as output."""

    input: NonNegativeFloat = Field(description="For a million tokens of input.")
    output: NonNegativeFloat = Field(description="For a million tokens of output.")


class Translate(Section):
    """Sentences of a corpus, translated. Sentences in neither language, and those that came before, are passed over."""

    sources: list[TextSource] = Field(
        description="The corpus, in either of the two languages. Several sources take turns, by their shares.",
        min_length=1,
    )
    sentences: Annotated[int, Field(ge=1, le=50)] = key(7, "How many whole sentences go into one request.")
    unit: Literal["sentence", "passage"] = key(
        "sentence",
        "What becomes a pair: each sentence; or a passage, one to `sentences` consecutive sentences of a document.",
    )
    min_words: PositiveInt = key(3, "Shorter sentences are passed over.")
    max_words: PositiveInt = key(60, "Longer sentences are passed over.")


class Generate(Section):
    """Pairs written over a grid of topic, level, register, length and direction: each cell gets the same number."""

    topics: list[NotEmpty] = Field(description="What the sentences are about.", min_length=1)
    levels: list[Literal["A1", "A2", "B1", "B2", "C1", "C2"]] = key(
        ["A1", "A2", "B1", "B2", "C1", "C2"], "How difficult they are (CEFR).", min_length=1
    )
    registers: list[NotEmpty] = key(["neutral", "formal", "colloquial"], "How they are said.", min_length=1)
    lengths: list[Literal["short", "medium", "long"]] = key(
        ["short", "medium", "long"], "Up to 7 words, 8 to 15, 16 to 30.", min_length=1
    )
    directions: list[Literal["source-to-target", "target-to-source"]] = key(
        ["source-to-target", "target-to-source"],
        "In which language a sentence is thought of; the other side is its translation.",
        min_length=1,
    )
    pairs_per_request: Annotated[int, Field(ge=1, le=50)] = key(15, "How many pairs one request asks for.")
    words: list[NotEmpty] = key([], "Words to draw three from for each request, for more variety.")

    @field_validator("topics", "levels", "registers", "lengths", "directions", "words")
    @classmethod
    def _different(cls, values: list[str]) -> list[str]:
        if twice := [value for i, value in enumerate(values) if value in values[:i]]:
            raise ValueError(f"'{twice[0]}' is there twice")
        return values


class Sending(Section):
    """How requests go out."""

    concurrency: Annotated[int, Field(ge=1, le=1024)] = key(16, "How many are in flight at a time.")
    requests_per_minute: PositiveInt | None = key(None, "No minute sees more requests.")
    tokens_per_minute: PositiveInt | None = key(None, "No minute sees more tokens, input and output together.")
    timeout: PositiveFloat = key(
        300.0,
        "Seconds until an answer counts as lost. It may cost something all the same, and is counted as dear as can be.",
    )
    attempts: PositiveInt = key(7, "How often a request is sent where the server fails or asks to wait.")
    give_up_after: PositiveInt = key(5, "Stop after so many requests in a row that failed at every attempt.")


class Synthesis(PairFilter):
    """Sentence pairs through an LLM's API: `dragoman corpus synthesize`. Every pair has to pass the rules.

    The key comes from the environment alone. A request is named by a hash of all that it asks, and answered once: with
    a larger budget, other prices or another server the same recipe goes on from the answers that are there.
    """

    languages: PairLanguages = Field(description="The codes of the two languages; with pairs-de-en: de and en.")
    provider: Literal["gemini", "openai"] = Field(
        description="Whose protocol the server speaks. openai: vLLM, llama.cpp and Ollama speak it too."
    )
    model: NotEmpty = Field(description="The model's name at the server.")
    base_url: str | None = key(
        None,
        "The server's address, such as http://localhost:8000/v1. Without it: GOOGLE_GEMINI_BASE_URL or "
        "OPENAI_BASE_URL, where it is set, else the provider's own.",
    )
    key_variable: Variable | None = key(
        None, "The environment variable with the key (default: GEMINI_API_KEY or GOOGLE_API_KEY; OPENAI_API_KEY)."
    )
    translate: Translate | None = key(None, "Translate sentences of a corpus.")
    generate: Generate | None = key(None, "Have pairs written over a grid.")
    pairs: PositiveInt | None = key(
        None, "How many pairs to end with. Of a corpus: without it, all sentences are translated."
    )
    rounds: PositiveInt = key(5, "How often what was refused may be asked for anew, in other words or other sentences.")
    instructions: str | None = key(
        None, "What the model should mind besides, such as a domain or a variety of the language."
    )
    temperature: Annotated[float, Field(ge=0.0, le=2.0)] | None = key(
        None, "How freely the model chooses its words (default: the server's)."
    )
    max_output_tokens: PositiveInt = key(
        4096,
        "The most tokens of one answer, thinking included. An answer that is cut off is asked for again in halves.",
    )
    token_limit_key: Literal["max_tokens", "max_completion_tokens"] = key(
        "max_tokens", "openai: what the server calls that limit; OpenAI's newer models want max_completion_tokens."
    )
    options: dict[str, object] = key(
        {},
        "More for the body of each request, merged into it, such as "
        "generationConfig: {thinkingConfig: {thinkingBudget: 0}}.",
    )
    prices: Prices | None = key(
        None, "What tokens cost; none are built in. Without them the provider has to be your own server."
    )
    budget: PositiveFloat | None = key(
        None,
        "The most to spend on this run, all its starts together. A request goes out only if its worst case still fits.",
    )
    currency: NotEmpty = key("USD", "What the currency is called.")
    sending: Sending = key(Sending(), "How requests go out.")
    evaluation: list[Source] = key(
        [],
        "Texts that no pair may hold: every text in these rows, whatever its column. What data.validation and "
        "data.test of the same recipe hold belongs to them.",
    )

    alternatives = (("translate",), ("generate",))

    @field_validator("options")
    @classmethod
    def _none_of_ours(cls, value: dict[str, object]) -> dict[str, object]:
        """The worst case of a request and the reading of its answer rest on these."""
        inner = [one for name, one in value.items() if _one_word(name) == "generationconfig" and isinstance(one, dict)]
        named = [name for names in (value, *inner) for name in names]
        if taken := [name for name in named if _one_word(name) in OURS]:
            raise ValueError(f"options must not hold {', '.join(taken)}: the recipe's other keys say it")
        return value

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if fault := address_fault(value):
            raise ValueError(fault)
        return value.rstrip("/")

    @model_validator(mode="after")
    def _one_way(self) -> Synthesis:
        if faults := list(self._faults()):
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        if (self.translate is None) == (self.generate is None):
            yield "give exactly one of translate and generate"
        elif self.generate is not None and self.pairs is None:
            yield "generate needs pairs: how many to end with"
        if (self.prices is None) != (self.budget is None):
            yield "prices and budget go together"
        if self.languages.source == self.languages.target:
            yield "languages: source and target are the same"
        if self.translate is not None and self.translate.min_words > self.translate.max_words:
            yield "translate: min_words is above max_words"


def _one_word(name: str) -> str:
    return name.replace("_", "").lower()
