import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.synthesis.pace import MINUTE, Pace


@settings(deadline=None)
@given(st.integers(1, 50), st.lists(st.tuples(st.integers(1, 20), st.floats(0, 9)), min_size=1, max_size=120))
def test_no_minute_sees_more_than_the_limit(limit, wanted):
    pace, now, sent = Pace(limit), 0.0, []
    for amount, pause in wanted:
        amount = min(amount, limit)
        now += pause
        asked_at = now
        while wait := pace.delay(amount, now):
            now += wait + 1e-9
        if now > asked_at:  # and not a moment later than it has to be
            assert amount + sum(taken for at, taken in sent if at > now - 1e-6 - MINUTE) > limit
        pace.take(amount, now)
        sent.append((now, amount))
    for begin, _ in sent:
        assert sum(amount for at, amount in sent if begin <= at < begin + MINUTE - 1e-6) <= limit


def test_what_was_not_used_is_there_again():
    pace = Pace(100)
    first = pace.take(80, 0.0)
    assert pace.delay(30, 1.0) == MINUTE - 1.0
    pace.lower(first, 60)
    assert pace.delay(30, 1.0) == 0
    pace.take(40, 1.0)
    assert pace.delay(1, MINUTE) == 0  # the first is over a minute old
    pace.lower(first, 0)  # too late to matter
    assert pace.delay(61, MINUTE) == 1.0
    assert pace.delay(60, MINUTE) == 0


def test_more_than_a_minute_s_limit_never_fits():
    with pytest.raises(ValueError, match="more than 10"):
        Pace(10).delay(11, 0.0)
