"""The nouns: gender, plural, English, tags. What a tag allows is said in adjectives.py and activities.py."""

from __future__ import annotations

from dragoman.data.phrasebook.english import plural
from dragoman.data.phrasebook.german import genitive
from dragoman.data.phrasebook.lexemes import Noun

GENDER = {"der": "m", "die": "f", "das": "n"}


def _noun(german: str, german_plural: str, english: str, tags: str, english_plural: str = "", weak: str = "") -> Noun:
    """german: with its article. german_plural: "" for what has no plural (bread)."""
    article, word = german.split()
    return Noun(
        word,
        GENDER[article],
        german_plural,
        english,
        english_plural or plural(english),
        frozenset(tags.split()),
        word + weak if weak else GENITIVES.get(word, genitive(word, GENDER[article])),
        weak,
        not german_plural,
    )


GENITIVES = {
    "Café": "Cafés", "Kino": "Kinos", "Auto": "Autos", "Handy": "Handys", "Sofa": "Sofas", "Museum": "Museums",
    "Chef": "Chefs", "Film": "Films", "Park": "Parks", "Tee": "Tees", "See": "Sees", "Bau": "Baus", "Plan": "Plans",
    "Ergebnis": "Ergebnisses", "Sturm": "Sturms", "Turm": "Turms",
}  # fmt: skip

ROWS = {
    "person work": (
        ("der Lehrer", "Lehrer", "teacher"),
        ("die Lehrerin", "Lehrerinnen", "teacher"),
        ("der Arzt", "Ärzte", "doctor"),
        ("die Ärztin", "Ärztinnen", "doctor"),
        ("der Koch", "Köche", "cook"),
        ("die Köchin", "Köchinnen", "cook"),
        ("die Ingenieurin", "Ingenieurinnen", "engineer"),
        ("der Ingenieur", "Ingenieure", "engineer"),
        ("die Journalistin", "Journalistinnen", "journalist"),
        ("der Journalist", "Journalisten", "journalist", "", "en"),
        ("die Künstlerin", "Künstlerinnen", "artist"),
        ("der Künstler", "Künstler", "artist"),
        ("die Verkäuferin", "Verkäuferinnen", "shop assistant"),
    ),
    "person work official": (("der Bürgermeister", "Bürgermeister", "mayor"),),
    "person learner": (
        ("die Studentin", "Studentinnen", "student"),
        ("der Student", "Studenten", "student", "", "en"),
    ),
    "person close": (
        ("der Nachbar", "Nachbarn", "neighbour", "", "n"),
        ("die Nachbarin", "Nachbarinnen", "neighbour"),
        ("der Freund", "Freunde", "friend"),
        ("die Freundin", "Freundinnen", "friend"),
        ("der Kollege", "Kollegen", "colleague", "", "n"),
        ("die Kollegin", "Kolleginnen", "colleague"),
        ("die Chefin", "Chefinnen", "boss"),
        ("der Chef", "Chefs", "boss"),
    ),
    "person family sibling": (
        ("der Bruder", "Brüder", "brother"),
        ("die Schwester", "Schwestern", "sister"),
        ("der Sohn", "Söhne", "son"),
        ("die Tochter", "Töchter", "daughter"),
    ),
    "person family": (
        ("der Vater", "Väter", "father"),
        ("die Mutter", "Mütter", "mother"),
        ("der Großvater", "Großväter", "grandfather"),
        ("die Großmutter", "Großmütter", "grandmother"),
        ("der Onkel", "Onkel", "uncle"),
        ("die Tante", "Tanten", "aunt"),
    ),
    "person young": (
        ("das Kind", "Kinder", "child", "children"),
        ("das Mädchen", "Mädchen", "girl"),
        ("der Junge", "Jungen", "boy", "", "n"),
    ),
    "person adult": (
        ("die Frau", "Frauen", "woman", "women"),
        ("der Mann", "Männer", "man", "men"),
        ("der Gast", "Gäste", "guest"),
    ),
    "animal": (
        ("der Hund", "Hunde", "dog"),
        ("die Katze", "Katzen", "cat"),
        ("der Vogel", "Vögel", "bird"),
        ("das Pferd", "Pferde", "horse"),
    ),
    "food fresh": (
        ("das Brot", "", "bread"),
        ("der Salat", "Salate", "salad"),
        ("der Apfel", "Äpfel", "apple"),
        ("die Banane", "Bananen", "banana"),
        ("die Orange", "Orangen", "orange"),
        ("das Ei", "Eier", "egg"),
        ("der Fisch", "", "fish"),
    ),
    "food dish": (
        ("die Suppe", "Suppen", "soup"),
        ("die Pizza", "Pizzen", "pizza"),
    ),
    "food": (
        ("der Käse", "", "cheese"),
        ("der Reis", "", "rice"),
        ("das Eis", "", "ice cream"),
    ),
    "food cake": (("der Kuchen", "Kuchen", "cake"),),
    "drink hot": (
        ("der Kaffee", "", "coffee"),
        ("der Tee", "", "tea"),
    ),
    "drink cold": (
        ("das Wasser", "", "water"),
        ("die Milch", "", "milk"),
        ("der Saft", "", "juice"),
        ("die Limonade", "", "lemonade"),
    ),
    "reading book": (
        ("das Buch", "Bücher", "book"),
        ("der Roman", "Romane", "novel"),
        ("das Gedicht", "Gedichte", "poem"),
    ),
    "reading paper": (
        ("der Brief", "Briefe", "letter"),
        ("der Bericht", "Berichte", "report"),
        ("der Artikel", "Artikel", "article"),
        ("die E-Mail", "E-Mails", "email"),
    ),
    "reading news": (("die Zeitung", "Zeitungen", "newspaper"),),
    "clothes": (
        ("der Mantel", "Mäntel", "coat"),
        ("der Hut", "Hüte", "hat"),
        ("das Kleid", "Kleider", "dress"),
        ("das Hemd", "Hemden", "shirt"),
        ("die Jacke", "Jacken", "jacket"),
    ),
    "furniture": (
        ("der Tisch", "Tische", "table"),
        ("der Stuhl", "Stühle", "chair"),
        ("die Lampe", "Lampen", "lamp"),
        ("das Sofa", "Sofas", "sofa"),
    ),
    "machine vehicle": (
        ("das Auto", "Autos", "car"),
        ("das Fahrrad", "Fahrräder", "bicycle"),
    ),
    "machine device": (
        ("der Computer", "Computer", "computer"),
        ("das Handy", "Handys", "mobile phone"),
        ("die Kamera", "Kameras", "camera"),
        ("die Uhr", "Uhren", "watch", "watches"),
    ),
    "instrument": (
        ("die Gitarre", "Gitarren", "guitar"),
        ("das Klavier", "Klaviere", "piano"),
        ("die Geige", "Geigen", "violin"),
    ),
    "small": (
        ("der Schlüssel", "Schlüssel", "key"),
        ("die Tasche", "Taschen", "bag"),
        ("der Koffer", "Koffer", "suitcase"),
        ("der Regenschirm", "Regenschirme", "umbrella"),
        ("der Ring", "Ringe", "ring"),
    ),
    "gift": (("das Geschenk", "Geschenke", "present"),),
    "flower": (
        ("die Blume", "Blumen", "flower"),
        ("die Rose", "Rosen", "rose"),
    ),
    "ticket": (
        ("die Fahrkarte", "Fahrkarten", "ticket"),
        ("die Karte", "Karten", "map"),
    ),
    "picture": (
        ("das Bild", "Bilder", "picture"),
        ("das Foto", "Fotos", "photo"),
    ),
    "show film": (("der Film", "Filme", "film"),),
    "show": (
        ("das Konzert", "Konzerte", "concert"),
        ("die Ausstellung", "Ausstellungen", "exhibition"),
    ),
    "building public": (
        ("die Schule", "Schulen", "school"),
        ("das Museum", "Museen", "museum"),
        ("das Theater", "Theater", "theatre"),
        ("das Krankenhaus", "Krankenhäuser", "hospital"),
        ("der Bahnhof", "Bahnhöfe", "station"),
        ("die Bibliothek", "Bibliotheken", "library", "libraries"),
        ("die Universität", "Universitäten", "university", "universities"),
        ("der Flughafen", "Flughäfen", "airport"),
        ("die Brücke", "Brücken", "bridge"),
        ("der Turm", "Türme", "tower"),
    ),
    "building cosy": (
        ("das Hotel", "Hotels", "hotel"),
        ("das Restaurant", "Restaurants", "restaurant"),
        ("das Café", "Cafés", "café"),
    ),
    "building": (
        ("das Kino", "Kinos", "cinema"),
        ("der Supermarkt", "Supermärkte", "supermarket"),
        ("das Büro", "Büros", "office"),
    ),
    "building home cosy": (
        ("das Haus", "Häuser", "house"),
        ("die Wohnung", "Wohnungen", "flat"),
    ),
    "room": (
        ("die Küche", "Küchen", "kitchen"),
        ("das Zimmer", "Zimmer", "room"),
        ("das Wohnzimmer", "Wohnzimmer", "living room"),
    ),
    "outdoors": (
        ("der Park", "Parks", "park"),
        ("der Garten", "Gärten", "garden"),
        ("der Strand", "Strände", "beach"),
        ("der See", "Seen", "lake"),
        ("der Wald", "Wälder", "forest"),
        ("der Markt", "Märkte", "market"),
        ("der Berg", "Berge", "mountain"),
    ),
    "street": (("die Straße", "Straßen", "street"),),
    "settlement": (
        ("die Stadt", "Städte", "city"),
        ("das Dorf", "Dörfer", "village"),
    ),
    "transport": (
        ("der Zug", "Züge", "train"),
        ("der Bus", "Busse", "bus"),
    ),
    "abstract task": (
        ("das Problem", "Probleme", "problem"),
        ("die Aufgabe", "Aufgaben", "task"),
        ("die Frage", "Fragen", "question"),
    ),
    "abstract plan": (
        ("der Plan", "Pläne", "plan"),
        ("das Projekt", "Projekte", "project"),
        ("der Vertrag", "Verträge", "contract"),
        ("die Idee", "Ideen", "idea"),
    ),
    "abstract event": (
        ("die Reise", "Reisen", "trip"),
        ("der Kurs", "Kurse", "course"),
        ("die Besprechung", "Besprechungen", "meeting"),
        ("das Fest", "Feste", "party"),
        ("die Konferenz", "Konferenzen", "conference"),
    ),
    "abstract exam": (("die Prüfung", "Prüfungen", "exam"),),
    "weather": (("das Wetter", "", "weather"),),
    "rain": (("der Regen", "", "rain"),),
    "storm": (("der Sturm", "Stürme", "storm"),),
    "heat": (
        ("die Hitze", "", "heat"),
        ("die Kälte", "", "cold"),
    ),
    "costs": (
        ("die Kosten", "Kosten", "cost"),
        ("der Preis", "Preise", "price"),
    ),
    "pressure": (
        ("die Kritik", "", "criticism"),
        ("die Verspätung", "", "delay"),
    ),
    "outcome": (
        ("das Ergebnis", "Ergebnisse", "result"),
        ("die Entscheidung", "Entscheidungen", "decision"),
        ("die Lösung", "Lösungen", "solution"),
    ),
    "other": (
        ("die Musik", "", "music"),
        ("die Hilfe", "", "help"),
    ),
}


def _make() -> dict[str, Noun]:
    nouns: dict[str, Noun] = {}
    for tags, rows in ROWS.items():
        for german, german_plural, english, *more in rows:
            english_plural, weak = (*more, "", "")[:2]
            noun = _noun(german, german_plural, english, tags, english_plural, weak)
            nouns[noun.german] = noun
    return nouns


NOUNS = _make()


def tagged(*tags: str) -> tuple[Noun, ...]:
    """The nouns that have one of these tags, in the order of the list."""
    return tuple(noun for noun in NOUNS.values() if not noun.tags.isdisjoint(tags))
