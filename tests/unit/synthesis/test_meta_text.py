import pytest

from dragoman.data.phrasebook import pairs
from dragoman.synthesis.meta_text import meta_text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("refusal", "As an AI language model, I have no opinion on this."),
        ("refusal", "I'm sorry, but I cannot assist with that request."),
        ("refusal", "I am unable to translate this text."),
        ("refusal", "Als KI-Sprachmodell kann ich das nicht sagen."),
        ("refusal", "Als Sprachmodell habe ich keine Meinung."),
        ("label", "Translation: The house is red."),
        ("label", "Übersetzung: Das Haus ist rot."),
        ("label", "**Satz 3:** Das Haus ist rot."),
        ("label", "Sentence 2 (B1): The house is red."),
        ("label", "[3] The house is red."),
        ("label", "2) The house is red."),
        ("remark", "Here is the translation you asked for."),
        ("remark", "The house is red. (Note: literally 'the red house'.)"),
        ("remark", "Hinweis: Das ist umgangssprachlich."),
        ("placeholder", "My name is [name]."),
        ("placeholder", "Wir treffen uns am [Datum]."),
        ("placeholder", "He lives in <city>."),
        ("placeholder", "Fill in: ____"),
        ("mark-up", "This is **very** good."),
        ("mark-up", "```json"),
        ("mark-up", "- The house is red."),
        ("mark-up", "# A title"),
        ("mark-up", "The house\\nis red."),
        ("mark-up", "<b>The house</b> is red."),
    ],
)
def test_what_no_sentence_is(kind, text):
    assert meta_text(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't come tomorrow.",
        "Ich kann dir dabei leider nicht helfen.",
        "I cannot help you with the move on Saturday.",
        "The language course begins at 10:30.",
        "1. Mai ist ein Feiertag.",
        "Here is the key you lost.",
        "Hier ist die Rechnung.",
        'He said: "The text is long."',
        "Note the small print.",
        "The minister (as he then was) left.",
        "5 < 6 and 7 > 3.",
        "Das Modell ist ein Nachbau.",
        "He writes texts, answers and sentences.",
    ],
)
def test_what_people_say(text):
    assert meta_text(text) is None


def test_a_translation_may_hold_what_its_text_holds():
    assert meta_text("The **bold** word.", "Das **fette** Wort.") is None
    assert meta_text("The **bold** word.", "Das fette Wort.") == "mark-up"


def test_nothing_is_found_in_the_phrasebook():
    rows = list(pairs(600, "train", ["A1", "A2", "B1", "B2", "C1"]))
    assert [row for row in rows if meta_text(row["source"]) or meta_text(row["target"])] == []
