import math

import pytest

from dragoman.training.schedules import learning_rate_factor


@pytest.mark.parametrize("schedule", ["cosine", "linear", "inverse_sqrt", "constant"])
@pytest.mark.parametrize(("total", "warmup"), [(100, 10), (100, 0), (5, 20), (1, 0), (10, 10)])
def test_every_step_has_a_rate(schedule, total, warmup):
    factors = [learning_rate_factor(step, total, warmup, schedule) for step in range(total)]
    assert all(0 < factor <= 1 for factor in factors)
    rise, fall = factors[:warmup], factors[warmup:]
    assert rise == sorted(rise)
    assert fall == sorted(fall, reverse=True)


def test_the_rise_is_a_straight_line():
    assert [learning_rate_factor(step, 100, 4, "cosine") for step in range(5)] == [0.2, 0.4, 0.6, 0.8, 1.0]


@pytest.mark.parametrize(
    ("schedule", "step", "expected"),
    [
        ("cosine", 10, 1.0), ("cosine", 95, (1 + math.cos(math.pi * 0.85)) / 2),
        ("linear", 10, 1.0), ("linear", 60, 0.5), ("cosine", 60, 0.5), ("linear", 109, 0.01), ("constant", 109, 1.0),
        ("inverse_sqrt", 10, 1.0), ("inverse_sqrt", 40, 0.5), ("inverse_sqrt", 90, 1 / 3),
    ],
)  # fmt: skip
def test_values(schedule, step, expected):
    assert learning_rate_factor(step, 110, 10, schedule) == pytest.approx(expected)
