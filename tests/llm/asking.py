"""What a client asks of a server before its first request."""

from __future__ import annotations

import asyncio

from dragoman.recipe.loading import LoadedTexts
from dragoman.synthesis.problems import settings_of
from dragoman.synthesis.server import Server


def checked(loaded: LoadedTexts) -> None:
    """Raises as the client does: for what the recipe lacks, and for a server that is not there or refuses."""

    async def run() -> None:
        own = Server(settings_of(loaded))
        own.refuse_unready()
        await own.open(1)
        try:
            await own.check()
        finally:
            await own.close()

    asyncio.run(run())
