"""What goes wrong with data sets on the hub, in words, and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from dragoman.base.errors import DragomanError, RequestError, UnreachableError, explained

PARQUET = "refs/convert/parquet"  # the branch on which the hub keeps a copy of many data sets
UNREACHABLE = (
    "ConnectionError", "ConnectError", "ConnectTimeout", "ReadTimeout", "TimeoutException", "TransportError",
    "ProxyError", "OfflineModeIsEnabled", "RevisionResolutionError", "LocalEntryNotFoundError",
)  # fmt: skip


@contextmanager
def in_words(name: str, revision: str | None) -> Iterator[None]:
    """A block of code in which the libraries' errors are told as `explain` does."""
    try:
        yield
    except RequestError:
        raise
    except Exception as error:  # of four libraries, which tell the same fault in different ways
        raise explain(error, name, revision) from None


def explain(error: Exception, name: str, revision: str | None) -> DragomanError:
    """The error of a data set in our words: a RequestError, but for a full disk. name: as the recipe has it.

    Faults are told by the names of their classes: the libraries raise those of two HTTP clients, and turn one into
    another on the way.
    """
    kinds, said = _kinds(error), ""
    for one in _chain(error):
        said += f"{one}\n"
        if isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT):
            return explained(one)
    for matches, message, hint in (
        (
            "Dataset scripts are no longer supported" in said,
            "is a script that makes the data, and such scripts are no longer run",
            f"read the hub's own copy with revision: {PARQUET}, another data set with the same rows, or local files "
            "with path",
        ),
        (
            "GatedRepoError" in kinds or "is a gated dataset" in said,
            "may only be read by those whom its owners let in",
            f"ask for access at https://huggingface.co/datasets/{name}, and set HF_TOKEN to a token of that account",
        ),
        (
            "RevisionNotFoundError" in kinds or "doesn't exist for dataset" in said,
            f"has no revision '{revision}'",
            "name a branch, a tag or a commit, or leave revision out for the newest",
        ),
        (
            "RepositoryNotFoundError" in kinds or "doesn't exist on the Hub" in said or _status(error) == 404,
            "there is no such data set on the hub, or it is private",
            "check the name (mostly OWNER/NAME); set HF_TOKEN for a private one; write ./NAME for a local folder",
        ),
        (
            "HFValidationError" in kinds,
            "is no name of a data set",
            "write OWNER/NAME for one on the hub, ./NAME for a local folder",
        ),
        (
            bool({"EmptyDatasetError", "DataFilesNotFoundError"} & kinds),
            "has no data files that can be read",
            "files must end in .parquet, .jsonl, .json, .csv, .tsv, .txt or .arrow; name others with path",
        ),
    ):
        if matches:
            return RequestError(message, where=name, hint=hint)
    if is_unreachable(error):
        return UnreachableError(
            f"cannot be reached, and what is needed of it is not in the cache: {_first_line(error)}",
            where=name, hint="connect to the network, or read local files with path",
        )  # fmt: skip
    return RequestError(
        f"cannot be read: {_first_line(error)}", where=name, hint="name its files with path, or set streaming: true"
    )


def is_unreachable(error: Exception) -> bool:
    """Whether the hub could not be reached, or has a fault of its own."""
    return bool(_kinds(error).intersection(UNREACHABLE)) or (_status(error) or 0) >= 500


def _kinds(error: Exception) -> set[str]:
    return {kind.__name__ for one in _chain(error) for kind in type(one).__mro__}


def _status(error: Exception) -> int | None:
    """The status with which the hub refused, where no class says more."""
    plain = (one for one in _chain(error) if type(one).__name__ == "HfHubHTTPError")
    return next((one.response.status_code for one in plain), None)  # type: ignore[attr-defined]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those that led to it."""
    seen: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in seen:
        yield following
        seen.append(following)
        following = following.__cause__ or following.__context__


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip().split("\n")[0]
