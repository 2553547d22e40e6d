"""Names of people, places and organisations. The companies are made up."""

from __future__ import annotations

from dragoman.data.phrasebook.lexemes import Name

WOMEN = tuple(
    Name(name, name, "PER", "f")
    for name in [
        "Anna",
        "Maria",
        "Sophie",
        "Clara",
        "Emma",
        "Lena",
        "Julia",
        "Laura",
        "Nina",
        "Eva",
        "Amira",
        "Elif",
        "Olga",
        "Mei",
        "Ines",
        "Katrin",
    ]
)
MEN = tuple(
    Name(name, name, "PER", "m")
    for name in [
        "Lukas",
        "Jonas",
        "Felix",
        "Paul",
        "Leon",
        "David",
        "Max",
        "Simon",
        "Tim",
        "Jan",
        "Yusuf",
        "Marco",
        "Ravi",
        "Carlos",
        "Emil",
        "Oskar",
    ]
)
FIRST_NAMES = tuple(name for pair in zip(WOMEN, MEN, strict=True) for name in pair)
SURNAMES = tuple(
    Name(name, name, "PER")
    for name in [
        "Weber",
        "Schmidt",
        "Fischer",
        "Wagner",
        "Becker",
        "Hoffmann",
        "Koch",
        "Richter",
        "Klein",
        "Neumann",
        "Braun",
        "Krüger",
    ]
)
CITIES = tuple(
    Name(german, english or german, "LOC")
    for german, _, english in (
        row.partition("=")
        for row in [
            "Berlin",
            "Hamburg",
            "München=Munich",
            "Köln=Cologne",
            "Wien=Vienna",
            "Zürich=Zurich",
            "Leipzig",
            "Dresden",
            "Frankfurt",
            "Bremen",
            "Nürnberg=Nuremberg",
            "Prag=Prague",
            "Paris",
            "Rom=Rome",
            "London",
            "Madrid",
            "Warschau=Warsaw",
            "Lissabon=Lisbon",
            "Athen=Athens",
            "Brüssel=Brussels",
            "Genf=Geneva",
            "Salzburg",
            "Kopenhagen=Copenhagen",
            "Istanbul",
        ]
    )
)
COUNTRIES = tuple(
    Name(german, english or german, "LOC")
    for german, _, english in (
        row.partition("=")
        for row in [
            "Deutschland=Germany",
            "Österreich=Austria",
            "Italien=Italy",
            "Spanien=Spain",
            "Frankreich=France",
            "Polen=Poland",
            "Portugal",
            "Indien=India",
            "Japan",
            "Kanada=Canada",
            "Norwegen=Norway",
            "Griechenland=Greece",
        ]
    )
)
COMPANIES = tuple(
    Name(name, name, "ORG")
    for name in ["Nordlicht", "Solara", "Terranova", "Velotec", "Aquaris", "Lumina", "Medikus", "Kronau"]
)
UNIVERSITIES = tuple(
    Name(f"Universität {city.german}", f"University of {city.english}", "ORG", "f") for city in CITIES[:12]
)
LANGUAGES = (
    ("Deutsch", "German"),
    ("Englisch", "English"),
    ("Französisch", "French"),
    ("Spanisch", "Spanish"),
    ("Italienisch", "Italian"),
    ("Polnisch", "Polish"),
)
SUBJECTS = tuple(
    ((german,), (english,))
    for german, english in (
        ("Medizin", "medicine"),
        ("Physik", "physics"),
        ("Geschichte", "history"),
        ("Musik", "music"),
    )
)
