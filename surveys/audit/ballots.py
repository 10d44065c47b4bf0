"""One walk over all ballots of a board for checks 8.2 to 8.5 and the sums of 12.1, shared out among threads
or processes.

A slice is looked at as a whole (`surveys/audit/slices.py`) and only its part in the sums is kept: a board of
any size needs the memory of a few slices. Danger: a worker that dies must not look like a ballot that passed;
its slice then has no answer and the walk raises.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from surveys.audit.frames import Frames
from surveys.audit.sharing import Helpers, PublicWork
from surveys.audit.slices import Part, look, slice_length
from surveys.protocol.errors import Rejected
from surveys.protocol.group import IDENTITY
from surveys.protocol.kernel.machine import available, machine
from surveys.protocol.kernel.totals import Pair, Sums, add_sums, pairs
from surveys.protocol.manifest import Manifest, decode_manifest

FEW = 150
"""With fewer ballots than this one thread is as fast as several."""
MANY = 20_000
"""From here on it pays to start processes; below, threads share the kernel's time, not the interpreter's."""


@dataclass(frozen=True, slots=True)
class Walk:
    """For each check its first refusal on the board; ballots by panel; Σα, Σβ by (panel, contest)."""

    refusals: Mapping[str, Rejected]
    by_panel: tuple[int, ...]
    sums: Mapping[tuple[int, int], Pair]


def walk(
    frames: Frames | Sequence[bytes | memoryview],
    manifest: Manifest,
    *,
    tokens: bool,
    jobs: int,
    on_done: Callable[[int], None],
    helpers: Helpers | None = None,
) -> Walk:
    """Look at every ballot. `tokens`: whether the token keys are sound, so that 8.3 can be asked at all.

    `on_done` hears how many ballots are done. With `helpers` the slices are theirs, else those of `jobs`
    threads or processes here. Raises what a broken pool raises.
    """
    jobs = helpers.jobs if helpers else jobs
    jobs = jobs if len(frames) > FEW else 1
    length = _even(len(frames), slice_length(manifest), jobs)
    refusals: dict[str, Rejected] = {}
    by_panel = [0] * len(manifest.definition.panels)
    sums: dict[int, Sums] = {}
    done = 0
    if helpers and len(frames) > FEW:
        work = LookAtBallots(manifest.encode(), tokens)
        parts = helpers.each(work, ((start, _raw(each)) for start, each in _slices(frames, length)))
    else:
        parts = _parts(frames, length, manifest, tokens, jobs)
    for part in parts:
        for check, refusal in part.refusals.items():
            refusals.setdefault(check, refusal)
        for panel, count in part.by_panel.items():
            by_panel[panel] += count
        add_sums(machine(), sums, part.sums)
        done = min(done + length, len(frames))
        on_done(done)
    return Walk(refusals, tuple(by_panel), _by_contest(manifest, sums))


@dataclass(frozen=True, slots=True)
class LookAtBallots(PublicWork[tuple[int, list[bytes]], Part]):
    """`look` at a slice of a published board, wherever that is done."""

    manifest: bytes
    tokens: bool

    def __call__(self, piece: tuple[int, list[bytes]]) -> Part:
        start, frames = piece
        return look(start, frames, _decoded(self.manifest), tokens=self.tokens)


@lru_cache(maxsize=2)
def _decoded(manifest: bytes) -> Manifest:
    return decode_manifest(manifest)


def _raw(frames: Sequence[bytes | memoryview]) -> list[bytes]:
    return [bytes(frame) for frame in frames]


def _even(ballots: int, most: int, jobs: int) -> int:
    """The length of a slice, so that all workers get as many slices and all slices are about as long."""
    slices = -(-ballots // most)
    slices += -slices % jobs
    return max(1, -(-ballots // max(1, slices)))


def _by_contest(manifest: Manifest, sums: Mapping[int, Sums]) -> dict[tuple[int, int], Pair]:
    return {
        (panel, contest): pair
        for panel, each in pairs(machine(), sums).items()
        for contest, pair in zip(manifest.definition.panels[panel].contests, each, strict=True)
    }


def over(sums: Mapping[tuple[int, int], Pair], contest: int, panels: Sequence[int]) -> Pair:
    """The sum of one atom (12.1); O for panels that returned nothing."""
    found = [sums[panel, contest] for panel in panels if (panel, contest) in sums]
    if not found:
        return IDENTITY, IDENTITY
    alpha, beta = found[0]
    for more in found[1:]:
        alpha, beta = alpha + more[0], beta + more[1]
    return alpha, beta


def _parts(
    frames: Frames | Sequence[bytes | memoryview],
    length: int,
    manifest: Manifest,
    tokens: bool,
    jobs: int,
) -> Iterator[Part]:
    slices = -(-len(frames) // length)
    if jobs <= 1 or slices <= 1:
        for start, slice_ in _slices(frames, length):
            yield look(start, slice_, manifest, tokens=tokens)
        return
    apart = len(frames) >= MANY or not available()
    with _pool(min(jobs, slices), manifest, tokens, apart=apart) as pool:
        waiting: deque[Future[Part]] = deque()
        # A few slices ahead, not all: the board would stand in memory.
        for start, slice_ in _slices(frames, length):
            if apart:
                waiting.append(pool.submit(_work, (start, _raw(slice_))))
            else:
                waiting.append(pool.submit(look, start, slice_, manifest, tokens=tokens))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _slices(
    frames: Frames | Sequence[bytes | memoryview], length: int
) -> Iterator[tuple[int, list[bytes | memoryview]]]:
    start, left = 0, iter(frames)
    while slice_ := list(islice(left, length)):
        yield start, slice_
        start += len(slice_)


def _pool(jobs: int, manifest: Manifest, tokens: bool, *, apart: bool) -> Executor:
    if not apart:
        return ThreadPoolExecutor(jobs, thread_name_prefix="ballots")
    # Started afresh, not forked: a fork copies threads and locks of a caller that nobody here knows.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_begin, initargs=(LookAtBallots(manifest.encode(), tokens),)
    )


_kept: list[LookAtBallots] = []
"""What a worker process keeps between slices."""


def _begin(work: LookAtBallots) -> None:
    _kept[:] = [work]


def _work(piece: tuple[int, list[bytes]]) -> Part:
    return _kept[0](piece)
