"""One walk over all ballots of a board for checks 8.2 to 8.5 and the sums of 12.1, shared out among processes.

A ballot is decoded once, everything is asked of it, and only its part in the sums is kept: a board of any size needs the
memory of its bytes. Danger: a worker that dies must not look like a ballot that passed; its slice then has no answer and
the walk raises.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

from surveys.protocol.ballot import Ballot, check_proofs, check_signature, check_token, decode_ballot
from surveys.protocol.errors import Rejected
from surveys.protocol.group import IDENTITY, Point
from surveys.protocol.manifest import Manifest, decode_manifest

SLICE = 64
FEW = 150
"""With fewer ballots than this, starting processes takes longer than it saves."""
Pair = tuple[Point, Point]


@dataclass(frozen=True, slots=True)
class Walk:
    """For each check its first refusal on the board; ballots by panel; Σα, Σβ by (panel, contest)."""

    refusals: Mapping[str, Rejected]
    by_panel: tuple[int, ...]
    sums: Mapping[tuple[int, int], Pair]


def walk(
    frames: Sequence[memoryview],
    manifest: Manifest,
    *,
    tokens: bool,
    jobs: int,
    on_done: Callable[[int], None],
) -> Walk:
    """Look at every ballot. `tokens`: whether the token keys are sound, so that 8.3 can be asked at all.

    `on_done` hears how many ballots are done. Raises what a broken process pool raises.
    """
    slices = [(start, frames[start : start + SLICE]) for start in range(0, len(frames), SLICE)]
    refusals: dict[str, Rejected] = {}
    by_panel = [0] * len(manifest.definition.panels)
    sums: dict[tuple[int, int], Pair] = {}
    done = 0
    for part in _parts(slices, manifest, tokens, jobs if len(frames) > FEW else 1):
        for check, refusal in part.refusals.items():
            refusals.setdefault(check, refusal)
        for panel, count in enumerate(part.by_panel):
            by_panel[panel] += count
        add(sums, part.sums)
        done = min(done + SLICE, len(frames))
        on_done(done)
    return Walk(refusals, tuple(by_panel), sums)


def add(sums: dict[tuple[int, int], Pair], more: Mapping[tuple[int, int], Pair]) -> None:
    """Add sums by (panel, contest) to others."""
    for key, (alpha, beta) in more.items():
        known = sums.get(key)
        sums[key] = (alpha, beta) if known is None else (known[0] + alpha, known[1] + beta)


def over(sums: Mapping[tuple[int, int], Pair], contest: int, panels: Sequence[int]) -> Pair:
    """The sum of one atom (12.1); O for panels that returned nothing."""
    alpha = beta = IDENTITY
    for panel in panels:
        more = sums.get((panel, contest))
        if more is not None:
            alpha, beta = alpha + more[0], beta + more[1]
    return alpha, beta


def look(start: int, frames: Sequence[bytes | memoryview], manifest: Manifest, tokens: bool) -> Walk:
    """One slice, in board order; `start` is the position of its first ballot."""
    refusals: dict[str, Rejected] = {}
    panels = manifest.definition.panels
    by_panel = [0] * len(panels)
    sums: dict[tuple[int, int], Pair] = {}
    for i, frame in enumerate(frames, start):
        where = f"board[{i}]"
        try:
            ballot = decode_ballot(bytes(frame), manifest, where)
        except Rejected as refusal:
            refusals.setdefault("8.2", refusal)
            continue
        for check, ask in _questions(ballot, manifest, where, tokens):
            if check not in refusals:
                try:
                    ask()
                except Rejected as refusal:
                    refusals[check] = refusal
        by_panel[ballot.panel] += 1
        add(
            sums,
            {
                (ballot.panel, contest): (row.alpha, row.beta)
                for contest, row in zip(panels[ballot.panel].contests, ballot.rows, strict=True)
            },
        )
    return Walk(refusals, tuple(by_panel), sums)


def _questions(
    ballot: Ballot, manifest: Manifest, where: str, tokens: bool
) -> Iterator[tuple[str, Callable[[], None]]]:
    if tokens:
        yield "8.3", lambda: check_token(ballot, manifest, where)
    yield "8.4", lambda: check_signature(ballot, where)
    yield "8.5", lambda: check_proofs(ballot, manifest, where)


def _parts(
    slices: Sequence[tuple[int, Sequence[memoryview]]], manifest: Manifest, tokens: bool, jobs: int
) -> Iterator[Walk]:
    if jobs <= 1 or len(slices) <= 1:
        for start, frames in slices:
            yield look(start, frames, manifest, tokens)
        return
    # Started afresh, not forked: a fork copies threads and locks of a caller that nobody here knows.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(jobs, len(slices)), mp_context=context, initializer=_begin, initargs=(manifest.encode(), tokens)
    ) as pool:
        waiting: deque[Future[Walk]] = deque()
        # A few slices ahead, not all: the board would stand in memory twice.
        for start, frames in slices:
            waiting.append(pool.submit(_work, start, [bytes(frame) for frame in frames]))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@dataclass(slots=True)
class _Desk:
    """What a worker process keeps between slices."""

    manifest: Manifest
    tokens: bool


_desks: list[_Desk] = []


def _begin(manifest: bytes, tokens: bool) -> None:
    _desks[:] = [_Desk(decode_manifest(manifest), tokens)]


def _work(start: int, frames: Sequence[bytes]) -> Walk:
    return look(start, frames, _desks[0].manifest, _desks[0].tokens)
