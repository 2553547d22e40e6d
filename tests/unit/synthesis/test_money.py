import asyncio
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.recipe.schema import Synthesis
from dragoman.synthesis.money import SCALE, Budget, Tariff


def tariff(input_price, output_price, budget):
    return Tariff(
        Synthesis(
            provider="openai", model="m", base_url="http://here/v1", preset="pairs-de-en", pairs=1,
            generate={"topics": ["a"]}, prices={"input": input_price, "output": output_price}, budget=budget,
        )
    )  # fmt: skip


def test_costs_are_exact():
    own = tariff(0.3, 2.5, 20)
    assert Fraction(own.cost(1_234_567, 89), SCALE) == Fraction(1_234_567 * 3, 10**7) + Fraction(89 * 25, 10**7)
    assert own.limit == 20 * SCALE
    assert own.shown(own.limit) == "20.0000 USD"
    assert tariff(0.00001, 0, 1).input == 1  # rounded up, never to nothing


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 300),
    st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1), st.integers(0, 3)), max_size=40),
    st.integers(1, 8),
)
def test_a_budget_is_never_exceeded_and_leaves_out_the_end(limit, requests, slots):
    """Whatever takes how long: the requests that go out are those that fit when all before them have been settled."""
    most = 0

    async def run():
        nonlocal most
        budget, free, sent, tasks = Budget(limit, 0), asyncio.Semaphore(slots), [], []

        async def send(worst, actual, turns):
            for _ in range(turns):
                await asyncio.sleep(0)
            budget.settle(worst, actual)
            free.release()

        for number, (worst, share, turns) in enumerate(requests):
            await free.acquire()
            if not await budget.reserve(worst):
                break
            most = max(most, budget.spent + budget.reserved)
            sent.append(number)
            tasks.append(asyncio.create_task(send(worst, int(worst * share), turns)))
        await asyncio.gather(*tasks)
        assert budget.reserved == 0
        return sent, budget.spent

    sent, spent = asyncio.run(run())
    expected, total = [], 0
    for number, (worst, share, _) in enumerate(requests):
        if total + worst > limit:
            break
        expected.append(number)
        total += int(worst * share)
    assert (sent, spent) == (expected, total)
    assert most <= limit


def test_without_a_limit_everything_fits():
    async def run():
        budget = Budget(None, 0)
        assert await budget.reserve(10**30)
        assert budget.left is None

    asyncio.run(run())
