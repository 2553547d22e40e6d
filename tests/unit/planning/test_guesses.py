from dragoman.planning.guesses import describe_column, guess_pair

EN = [f"The man is in the house number {i} and he is not at home." for i in range(20)]
DE = [f"Der Mann ist im Haus Nummer {i} und er ist nicht zu Hause." for i in range(20)]
HI = [f"वह आदमी घर {i} में है।" for i in range(20)]
NUMBERS = [str(i) for i in range(20)]
LABELS = ["news"] * 10 + ["chat"] * 10
LINKS = [f"https://example.org/the-man-is-in-the-house/{i}" for i in range(20)]


def guessed(**columns):
    pair = guess_pair([describe_column(name, texts) for name, texts in columns.items()])
    return pair and (pair.source.name, pair.target.name, pair.sure)


def test_languages_in_names_and_texts_make_a_pair():
    assert guessed(en=EN, hi=HI) == ("en", "hi", True)
    assert guessed(a=DE, b=EN) == ("a", "b", True)


def test_roles_in_names_decide_the_direction():
    assert guessed(target=EN, source=DE) == ("source", "target", True)
    assert guessed(translation=HI, text=EN) == ("text", "translation", True)


def test_numbers_labels_and_links_are_no_text():
    assert guessed(id=NUMBERS, topic=LABELS, url=LINKS, de=DE, en=EN) == ("de", "en", True)
    assert guessed(id=NUMBERS, text=EN) is None


def test_two_columns_of_one_language_are_a_pair_but_not_a_sure_one():
    assert guessed(a=EN, b=[text.upper() for text in EN]) == ("a", "b", False)


def test_the_second_column_of_a_language_loses_to_the_one_of_like_length():
    notes = [text * 9 for text in EN]
    assert guessed(de=DE, notes=notes, en=EN) == ("de", "en", True)


def test_a_name_counts_unless_the_texts_speak_against_it():
    assert describe_column("english", HI).language == "hi"
    column = describe_column("translation.de", ["Ja.", "Nein."])
    assert (column.language, column.by_name) == ("de", True)
    assert describe_column("cs_query", EN).language == "en"  # two letters of anything; the words say more
