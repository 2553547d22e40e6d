import pytest

from dragoman.planning.languages import COMMON, NAMES, guess_language, is_unlikely, language_of_name

SENTENCES = {
    "en": "The dog was running over the grass, and what it had in its mouth was not a ball.",
    "de": "Der Hund läuft über die Wiese und hat einen Ball, aber es ist nicht seiner.",
    "fr": "Le chien court dans la rue avec une balle qui n'est pas la sienne.",
    "es": "El perro corre por la calle con una pelota que no es suya, pero está feliz.",
    "it": "Il cane corre per la strada con una palla che non è sua, ma è felice.",
    "pt": "O cão não corre para a rua, mas está com uma bola que é do menino.",
    "nl": "De hond rent over het gras en heeft een bal die niet van hem is.",
    "pl": "Nie wiem, co się stało, ale to jest mój pies i jest na dworze.",
    "tr": "Bu köpek çok güzel ama bir top için ne kadar koşar, bana da de.",
    "sv": "Hunden är på gatan och det är inte en boll som jag har.",
    "hi": "कुत्ता घास पर दौड़ रहा है।",
    "ar": "الكلب يركض في الشارع",
    "fa": "سگ در خیابان می‌دود و چیزی نمی‌گوید",
    "ur": "کتا سڑک پر دوڑ رہا ہے",
    "ru": "Собака бежит по улице.",
    "uk": "Собака біжить вулицею і їсть.",
    "zh": "狗在草地上跑。",
    "ja": "犬が草の上を走っています。",
    "ko": "개가 잔디 위를 달린다.",
    "el": "Ο σκύλος τρέχει στο γρασίδι.",
    "he": "הכלב רץ על הדשא",
    "th": "สุนัขวิ่งบนหญ้า",
    "ta": "நாய் புல்லில் ஓடுகிறது",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_recognised(code):
    assert guess_language([SENTENCES[code]]) == code


@pytest.mark.parametrize("text", ["", "12 + 3 = 15", "xqz vrk plm", "Tom", "देखो the dog 狗在草地 हाँ на"])
def test_what_does_not_tell_is_none(text):
    assert guess_language([text]) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("en", "en"), ("english_text", "en"), ("EnglishText", "en"), ("translation.hi", "hi"), ("train.de", "de"),
        ("sentence_deu", "de"), ("Français", "fr"), ("Español", "es"), ("source", None), ("id", None), ("no", None),
        ("text", None), ("item", None), ("translation.en.text", "en"),
    ],
)  # fmt: skip
def test_names_mention_languages_as_whole_words(name, code):
    assert language_of_name(name) == code


def test_many_words_without_a_common_one_speak_against_a_language():
    assert is_unlikely("cs", [SENTENCES["de"]] * 20)
    assert not is_unlikely("de", [SENTENCES["de"]] * 20)
    assert not is_unlikely("cs", [SENTENCES["de"]])  # too few words to say
    assert not is_unlikely("hi", [SENTENCES["de"]] * 20)  # the script says it


def test_every_language_has_a_name():
    assert set(COMMON) <= set(NAMES)
