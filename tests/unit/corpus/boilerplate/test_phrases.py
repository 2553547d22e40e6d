import pyarrow as pa
import pytest

from dragoman.corpus.boilerplate.phrases import LONGEST, NAMES, PARTS, WHOLE, find_phrases


def kinds(line: str) -> set[str]:
    return {name for name, mask in find_phrases(pa.array([line], pa.large_string())).items() if mask[0]}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Diese Website verwendet Cookies, um Ihnen den bestmöglichen Service zu bieten.", "consent"),
        ("We use cookies to give you the best experience.", "consent"),
        ("Teilen Sie dies mit:", "sharing"),
        ("Facebook Twitter | WhatsApp", "sharing"),
        ("Gefällt mir Wird geladen …", "sharing"),
        ("Schreibe einen Kommentar", "comments"),
        ("12 Kommentare", "comments"),
        ("Leave a reply", "comments"),
        ("Ähnliche Beiträge", "related"),
        ("Das könnte Sie auch interessieren", "related"),
        ("» Weiterlesen", "related"),
        ("[Impressum]", "navigation"),
        ("Zum Inhalt springen", "navigation"),
        ("© 2021 Alle Rechte vorbehalten.", "notice"),
        ("Jetzt Newsletter abonnieren!", "notice"),
        ("Veröffentlicht am 3. Mai von Anna", "date or name"),
        ("Montag, 13. Mai 2019, 15:54 Uhr", "date or name"),
        ("May 4, 2020", "date or name"),
        ("1 2 3 … 17", "number"),
    ],
)
def test_what_boilerplate_says(line, kind):
    assert kind in kinds(line)


@pytest.mark.parametrize(
    "line",
    [
        "Das alte Haus am Ende der Straße hat seit Jahren niemand mehr betreten.",
        "She walked home along the river, and nobody asked her where she had been.",
        "200 g Zucker",
        "Der Wirt teilte das Brot und gab jedem ein Stück.",
        "Die Startseite der Zeitung war leer.",
        "Sie kamen am 3. Mai 1821 in Wien an und blieben bis zum Herbst.",
        "",
    ],
)
def test_what_others_say_too(line):
    assert kinds(line) == set()


def test_long_lines_are_not_searched():
    said = "Wir verwenden Cookies."
    assert kinds(said.ljust(LONGEST, ".")) == {"consent"}
    assert kinds(said.ljust(LONGEST + 1, ".")) == set()


def test_a_column_is_searched_line_by_line():
    lines = ["impressum", "ein satz", "impressum", "", "12:30 uhr"] * 3
    found = find_phrases(pa.array(["skipped", *lines], pa.large_string())[1:])
    assert set(found) == set(NAMES) == PARTS.keys() | WHOLE.keys()
    assert found["navigation"].tolist() == [line == "impressum" for line in lines]
    assert found["date or name"].tolist() == [line == "12:30 uhr" for line in lines]
