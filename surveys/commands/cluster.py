"""Other machines that work along: the scheduler of a Dask cluster (`--scheduler tcp://…`, extra `cluster`).

A worker that is lost costs the pieces it had: they are given to another one, and where none is left, done
here. Danger: scheduler and workers are believed, as this machine is: a worker that lies makes a verdict that
lies, and what comes from a scheduler is unpickled. So they are machines of one's own, in a network of one's
own. They see ballots, tokens and requests, which everybody may see, and nothing else (`PublicWork`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

from surveys.audit.sharing import Helpers, HelpersFailed, PublicWork, software
from surveys.protocol.errors import Rejected

if TYPE_CHECKING:
    from distributed import Client

P = TypeVar("P")
R = TypeVar("R")
SECONDS_TO_ANSWER = 10
"""How long a scheduler may take, and how often it is asked whether anybody works there."""

scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Let the workers of this Dask scheduler (tcp://…) work along: machines of your own.",
)


class NoCluster(HelpersFailed):
    """The cluster cannot be used."""


class OtherSoftware(HelpersFailed):
    """A worker computes otherwise than this machine does."""

    def __init__(self, there: str, here: str) -> None:
        self.there, self.here = there, here
        super().__init__(f"a worker of the cluster runs {there}, this is {here}")

    def __reduce__(self) -> tuple[type[OtherSoftware], tuple[str, str]]:
        return OtherSoftware, (self.there, self.here)


class Cluster:
    """The workers of one scheduler."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def jobs(self) -> int:
        """How many pieces they work on at once."""
        return max(1, sum(self._workers().values()))

    def each(self, work: PublicWork[P, R], pieces: Iterable[P]) -> Iterator[R]:
        """work(piece) of each, in order; a few pieces ahead. Raises what work raises, or OtherSoftware."""
        waiting: deque[tuple[P, Future[R]]] = deque()
        here, pool = software(), self._executor()
        try:
            for piece in pieces:
                waiting.append((piece, _given(pool, here, work, piece)))
                if len(waiting) > 2 * self.jobs:
                    yield self._result(work, *waiting.popleft())
            while waiting:
                yield self._result(work, *waiting.popleft())
        finally:
            for _, left in waiting:
                left.cancel()
            pool.shutdown(wait=False)

    def _executor(self) -> Executor:
        found: Executor = self._client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        return found

    def _result(self, work: PublicWork[P, R], piece: P, waiting: Future[R]) -> R:
        while True:
            try:
                return waiting.result(SECONDS_TO_ANSWER)
            except TimeoutError:
                if self._workers():
                    continue
                waiting.cancel()
                return work(piece)
            except (Rejected, HelpersFailed):
                raise
            except Exception:
                # Everybody who tried has died, or could not do it. What is wrong with the piece itself is
                # said here too.
                return work(piece)

    def _workers(self) -> dict[str, int]:
        try:
            found: dict[str, int] = self._client.nthreads()  # type: ignore[no-untyped-call]
        except OSError:  # the scheduler is gone
            return {}
        return found


@contextmanager
def helpers_at(address: str | None) -> Iterator[Helpers | None]:
    """The workers of a scheduler; none without an address. Raises NoCluster."""
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster("a cluster needs the extra: pip install 'tin-nhiem[cluster]'") from None
    try:
        client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NoCluster(f"no scheduler answers at {address}: {type(error).__name__}") from None
    with client:
        yield Cluster(client)


def _given(pool: Executor, here: str, work: PublicWork[P, R], piece: P) -> Future[R]:
    try:
        return pool.submit(_work, here, work, piece)
    except Exception as error:  # whatever a client says whose scheduler is gone: the piece is done here
        refused: Future[R] = Future()
        refused.set_exception(error)
        return refused


def _work(theirs: str, work: PublicWork[P, R], piece: P) -> R:
    """On the worker."""
    if (mine := software()) != theirs:
        raise OtherSoftware(mine, theirs)
    return work(piece)
