from __future__ import annotations

import pytest

from dragoman.corpus.pairs.characters import kinds
from dragoman.corpus.pairs.endings import differ, ending, has_marks


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ja.", "statement"), ("Ja!", "statement"), ("Ja …", "statement"), ("हाँ।", "statement"), ("好。", "statement"),
        ("Ja?", "question"), ("Ja?!", "question"), ("什么？", "question"), ("ماذا؟", "question"),
        ("何ですか。", "question"), ("Τι είναι;", "question"), ("Ինչո՞ւ։", "question"),
        ("Er sagte: „Ja?“", "question"), ('"Ja." ', "statement"), ("(Ja.)", "statement"), ("«Oui.»", "statement"),
        ("zum Beispiel:", "going on"), ("erstens;", "going on"), ("und –", "going on"), ("Ja,", "going on"),
        ("Ja", None), ("", None), ('""', None), ("  ", None), ("3", None),
    ],
)  # fmt: skip
def test_endings(text, kind):
    assert ending(text) == kind


@pytest.mark.parametrize(
    ("source", "target", "apart"),
    [
        ("Kommst du?", "Are you coming?", False), ("Kommst du?", "You are coming.", True), ("Geh!", "Go.", False),
        ("Ein Hund", "A dog.", False), ("Kommst du?", "Are you", True), ("Es gilt:", "It holds", True), ("", "", False),
    ],
)  # fmt: skip
def test_a_statement_may_lack_its_mark(source, target, apart):
    assert differ(source, target) is apart
    assert differ(target, source) is apart


def test_some_scripts_have_no_question_mark():
    assert not has_marks(kinds("คุณจะมาไหม"))
    assert has_marks(kinds("Kommst du?"))
    assert has_marks("")
