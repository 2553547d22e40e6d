"""Money in whole numbers, and a budget that is never exceeded: what a request can cost at worst is set aside first."""

from __future__ import annotations

import asyncio
from decimal import ROUND_CEILING, Decimal

from dragoman.recipe.schema import Synthesis

SCALE = 10**10  # parts of one unit of the currency: prices for a million tokens are exact to four places
MILLION = 10**6


class Tariff:
    """What tokens cost, in parts. Prices of more than four places are rounded up."""

    def __init__(self, settings: Synthesis):
        prices = settings.prices
        self.free, self.currency = prices is None, settings.currency
        self.input, self.output = (0, 0) if prices is None else (_parts(prices.input), _parts(prices.output))
        self.limit = None if settings.budget is None else int(Decimal(str(settings.budget)) * SCALE)

    def cost(self, input_tokens: int, output_tokens: int) -> int:
        return input_tokens * self.input + output_tokens * self.output

    def shown(self, parts: int, places: int = 4) -> str:
        """12300000000 -> "1.2300 USD"."""
        return f"{amount(parts):,.{places}f} {self.currency}"


def _parts(price: float) -> int:
    """The price of one token, from that of a million."""
    return int((Decimal(str(price)) * SCALE / MILLION).to_integral_value(ROUND_CEILING))


def amount(parts: int) -> Decimal:
    """Parts as units of the currency."""
    return Decimal(parts) / SCALE


class Budget:
    """limit: in parts, None for none. spent + reserved never exceeds it, whatever is in flight.

    `settle` may bring more than was reserved only where a server answers with more tokens than it was allowed.
    """

    def __init__(self, limit: int | None, spent: int):
        self.limit, self.spent, self.reserved = limit, spent, 0
        self._changed = asyncio.Event()

    @property
    def left(self) -> int | None:
        """What is neither spent nor set aside."""
        return None if self.limit is None else max(0, self.limit - self.spent - self.reserved)

    async def reserve(self, parts: int) -> bool:
        """Set aside, as soon as it fits. False where it does not fit with nothing else in flight any more."""
        while self.limit is not None and self.spent + self.reserved + parts > self.limit:
            if not self.reserved:
                return False
            self._changed.clear()
            await self._changed.wait()
        self.reserved += parts
        return True

    def settle(self, reserved: int, spent: int) -> None:
        """What was set aside has come out at `spent`."""
        self.reserved -= reserved
        self.spent += spent
        self._changed.set()
