import pytest

from dragoman.base.errors import RequestError
from dragoman.generation.settings import Hypothesis, Settings
from dragoman.recipe.schema import Generation


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"beam": 0}, "beam"),
        ({"max_length": 0}, "max_length"),
        ({"n_best": 0}, "n_best"),
        ({"n_best": 5, "beam": 4}, "n_best"),
        ({"length_penalty": -0.1}, "length_penalty"),
        ({"length_ratio": 0, "length_margin": 0}, "length_ratio"),
        ({"temperature": 0}, "temperature"),
        ({"top_k": -1}, "top_k"),
        ({"top_p": 0}, "top_p"),
        ({"top_p": 1.1}, "top_p"),
    ],
)
def test_nonsense_is_refused_by_name(wrong, key):
    with pytest.raises(RequestError) as caught:
        Settings(**wrong)
    assert caught.value.where == f"generation.{key}"


def test_a_recipe_section_is_settings():
    assert Settings(**Generation(beam=2, max_length=9).model_dump()) == Settings(beam=2, max_length=9)


def test_rows_are_beams_or_samples():
    assert Settings(beam=4, n_best=2).rows == 4
    assert Settings(sample=True, beam=4, n_best=7).rows == 7


def test_limit_is_the_smaller_of_the_two():
    settings = Settings(max_length=50, length_ratio=2.0, length_margin=20)
    assert [settings.limit(n) for n in (1, 10, 15, 16, 100)] == [22, 40, 50, 50, 50]
    assert Settings(length_ratio=0.1, length_margin=0).limit(3) == 1


def test_length_counts_the_end_token():
    assert (Hypothesis([5, 6], -1.0, True).length, Hypothesis([5, 6], -1.0, False).length) == (3, 2)
