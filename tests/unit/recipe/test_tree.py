from __future__ import annotations

import pytest

from dragoman.recipe.tree import Place, holds, read_tree, step

TEXT = """\
name: no
rate: 1e-3
2016: {on: yes}
when: 2024-01-31
list:
  - a: 0o17
  - [x, 20_000]
empty:
same: &here {k: "1"}
again: *here
more: {<<: *here, k: 2, l: null}
"""


def test_values_are_those_of_yaml_1_2_with_keys_and_dates_as_text() -> None:
    assert read_tree(TEXT, "f").value == {
        "name": "no",
        "rate": 0.001,
        "2016": {"on": "yes"},
        "when": "2024-01-31",
        "list": [{"a": 15}, ["x", 20000]],
        "empty": None,
        "same": {"k": "1"},
        "again": {"k": "1"},
        "more": {"k": 2, "l": None},
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "f:1:1"),
        (("name",), "f:1:1"),
        (("2016", "on"), "f:3:8"),
        (("list", 1), "f:7:5"),
        (("list", 1, 1), "f:7:9"),
        (("list", "0", "a"), "f:6:5"),
        (("list", 0, "b", "c"), "f:6:5"),  # not there: the nearest above
        (("again", "k"), "f:9:14"),  # where the anchor says it
    ],
)
def test_places(path: tuple[str | int, ...], place: str) -> None:
    assert read_tree(TEXT, "f").place(path).text == place


def test_repeated_keys_are_all_reported_and_the_first_counts() -> None:
    tree = read_tree("a: 1\nb: {c: 1, c: 2}\na: 3\n", "f")
    assert tree.value == {"a": 1, "b": {"c": 1}}
    assert sorted(str(problem) for problem in tree.problems) == [
        "f:2:11: b.c: this key is given twice, first on line 2",
        "f:3:1: a: this key is given twice, first on line 1",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: !secret x", "f:1:4: a: a recipe has no tags such as !secret"),
        ("a: !!set {x}", "f:1:4: a: a recipe has no tags such as !!set"),
        ("? [a, b]\n: 1", "f:1:3: a key is one word, not a list or a mapping"),
        ("a: {<<: 5}", "f:1:9: a: '<<' adds the keys of a mapping; this is none"),
    ],
)
def test_what_a_recipe_has_no_use_for(text: str, problem: str) -> None:
    assert [str(found) for found in read_tree(text, "f").problems] == [problem]


def test_numbers_beyond_all_use_stay_text() -> None:
    assert read_tree("a: " + "9" * 5000, "f").value == {"a": "9" * 5000}


ALIASES_OF_ALIASES = "a0: &a0 [x]\n" + "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 8)}]" for i in range(1, 12))


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: " + "[" * 700, ALIASES_OF_ALIASES], ids=["itself", "deep", "many"])
def test_what_unfolds_without_end_is_given_up(text: str) -> None:
    with pytest.raises(RecursionError):
        read_tree(text, "f")


def test_a_tree_may_come_from_one_place() -> None:
    place = Place.of_option(0, "a=[1, 2]", "a")
    assert read_tree("[1, 2]", place).place((1,)) is place


def test_files_come_before_options() -> None:
    places = [
        Place.of_option(1, "b=1", "b"),
        Place.of_option(0, "a=1", "a"),
        Place.in_file("f", 10, 1),
        Place.in_file("f", 9, 8),
    ]
    assert [place.text for place in sorted(places)] == ["f:9:8", "f:10:1", "--set a=1", "--set b=1"]


def test_steps() -> None:
    value = {"a": [{"b": 1}]}
    assert step(value, "a") == [{"b": 1}]
    assert holds(value, ("a", 0, "b"))
    assert not any(holds(value, path) for path in [("b",), ("a", 1), ("a", "0"), ("a", 0, "b", "c")])
