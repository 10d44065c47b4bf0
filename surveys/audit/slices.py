"""One slice of a board for checks 8.2 to 8.5 and the sums of 12.1: all its ballots at once, in the kernel.

What the kernel does not pass is halved until one ballot is left, and that one is asked by libsodium and
OpenSSL (`one_by_one`), which name the place and alone refuse. Without the kernel they are asked about every
ballot. Danger: a ballot that the kernel does not pass and nobody refuses would mean two verdicts; then the
walk raises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from surveys.protocol.ballot import (
    HEADER,
    SIGNATURE_BYTES,
    TOKEN_BYTES,
    Ballot,
    ballot_size,
    check_proofs,
    check_signature,
    check_token,
    decode_ballot,
    proof_hash,
    read_header,
    signed_message,
)
from surveys.protocol.errors import Rejected
from surveys.protocol.kernel.machine import Machine, machine
from surveys.protocol.kernel.rows import Looked, Rows, look_at_rows
from surveys.protocol.kernel.signatures import Signed, first_refused
from surveys.protocol.kernel.totals import Sums, add_sums, cut_sums
from surveys.protocol.manifest import Manifest

ENDS = TOKEN_BYTES + SIGNATURE_BYTES
MOST_ROWS = 6144
"""Rows of one slice, so that it needs some fifteen megabytes."""
MOST_BALLOTS = 768
Header = tuple[int, bytes, int]
"""(panel, ballot key, sequence)"""


@dataclass(frozen=True, slots=True)
class Part:
    """What a slice says: for each check its first refusal, ballots by panel, Σα and Σβ of each panel's
    contests.
    """

    refusals: Mapping[str, Rejected]
    by_panel: Mapping[int, int] = field(default_factory=dict)
    sums: Mapping[int, Sums] = field(default_factory=dict)


def slice_length(manifest: Manifest) -> int:
    """Ballots of a slice."""
    most = max((len(panel.contests) for panel in manifest.definition.panels), default=1)
    return max(1, min(MOST_BALLOTS, MOST_ROWS // most))


def look(start: int, frames: Sequence[bytes | memoryview], manifest: Manifest, *, tokens: bool) -> Part:
    """A slice whose first ballot stands at `start`. `tokens`: whether the token keys are sound, so that 8.3
    can be asked.
    """
    computer, raw = machine(), [bytes(frame) for frame in frames]
    if computer is None:
        return _one_by_one(start, raw, manifest, tokens)
    return _Batch(computer, manifest, tokens).look(start, raw)


class _Batch:
    """All ballots of a slice at once."""

    def __init__(self, computer: Machine, manifest: Manifest, tokens: bool) -> None:
        self._computer, self._manifest, self._asks_tokens = computer, manifest, tokens
        self._panels, self._levels = manifest.definition.panels, len(manifest.definition.levels)

    def look(self, start: int, frames: Sequence[bytes]) -> Part:
        heads, refusal = self._headers(start, frames)
        # A row of a ballot before the refused one may be the first thing that does not decode.
        frames = frames[: len(heads)]
        looked = self._rows(frames, heads)
        if looked.unread is not None:
            where = f"board[{start + looked.unread}]"
            refusal = _refusal_of(decode_ballot, frames[looked.unread], self._manifest, where)
        if refusal is not None:
            return Part({"8.2": refusal})
        asked = {"8.4": self._signatures(start, frames, heads)}
        if self._asks_tokens:
            asked["8.3"] = self._tokens(start, frames, heads)
        if not looked.proven:
            bad = self._first_unproven(frames, heads)
            asked["8.5"] = _refusal_of(_prove, frames[bad], self._manifest, f"board[{start + bad}]")
        by_panel = Counter(panel for panel, _, _ in heads)
        sums = cut_sums(looked.sums, {panel: len(self._panels[panel].contests) for panel in sorted(by_panel)})
        return Part({check: said for check, said in asked.items() if said is not None}, by_panel, sums)

    def _headers(self, start: int, frames: Sequence[bytes]) -> tuple[list[Header], Rejected | None]:
        """Up to the first ballot whose header or length is refused (8.2)."""
        heads: list[Header] = []
        for i, frame in enumerate(frames, start):
            try:
                heads.append(self._header(frame, f"board[{i}]"))
            except Rejected as refusal:
                return heads, refusal
        return heads, None

    def _header(self, frame: bytes, where: str) -> Header:
        if len(frame) >= HEADER + ENDS:
            header = read_header(frame, self._manifest, where)
            if len(frame) == ballot_size(len(self._panels[header[0]].contests), self._levels):
                return header
        raise _refusal_of(decode_ballot, frame, self._manifest, where)

    def _rows(self, frames: Sequence[bytes], heads: Sequence[Header]) -> Looked:
        counts = [len(self._panels[panel].contests) for panel, _, _ in heads]
        first, slots = {}, 0
        for panel in sorted({panel for panel, _, _ in heads}):
            first[panel] = slots
            slots += len(self._panels[panel].contests)
        rows = [frame[HEADER:-ENDS] for frame in frames]
        hashes = [
            proof_hash(self._manifest.hash, *header, each, self._levels)
            for header, each in zip(heads, rows, strict=True)
        ]
        owned = [first[panel] + i for (panel, _, _), n in zip(heads, counts, strict=True) for i in range(n)]
        together = Rows(b"".join(rows), self._levels, counts, hashes, owned, slots)
        return look_at_rows(self._computer, together, self._manifest.election_key)

    def _first_unproven(self, frames: Sequence[bytes], heads: Sequence[Header]) -> int:
        """The first of the ballots whose proofs the kernel does not pass; there is one."""
        low, high = 0, len(frames)
        while high - low > 1:
            middle = (low + high) // 2
            if self._rows(frames[low:middle], heads[low:middle]).proven:
                low = middle
            else:
                high = middle
        return low

    def _signatures(self, start: int, frames: Sequence[bytes], heads: Sequence[Header]) -> Rejected | None:
        signed = [
            Signed(
                key,
                signed_message(frame[:-ENDS], frame[-ENDS:-SIGNATURE_BYTES]),
                frame[-SIGNATURE_BYTES:],
                f"board[{i}].signature",
            )
            for i, (frame, (_, key, _)) in enumerate(zip(frames, heads, strict=True), start)
        ]
        return first_refused(signed, check="8.4")

    def _tokens(self, start: int, frames: Sequence[bytes], heads: Sequence[Header]) -> Rejected | None:
        for i, (frame, header) in enumerate(zip(frames, heads, strict=True), start):
            ballot = Ballot(*header, (), frame[-ENDS:-SIGNATURE_BYTES], b"", b"")
            try:
                check_token(ballot, self._manifest, f"board[{i}]")
            except Rejected as refusal:
                return refusal
        return None


def _one_by_one(start: int, frames: Sequence[bytes], manifest: Manifest, tokens: bool) -> Part:
    """The same in libsodium and OpenSSL, ballot by ballot."""
    refusals: dict[str, Rejected] = {}
    by_panel: Counter[int] = Counter()
    sums: dict[int, Sums] = {}
    for i, frame in enumerate(frames, start):
        where = f"board[{i}]"
        try:
            ballot = decode_ballot(frame, manifest, where)
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
        add_sums(None, sums, {ballot.panel: tuple((row.alpha, row.beta) for row in ballot.rows)})
    return Part(refusals, by_panel, sums)


def _questions(
    ballot: Ballot, manifest: Manifest, where: str, tokens: bool
) -> Iterator[tuple[str, Callable[[], None]]]:
    if tokens:
        yield "8.3", lambda: check_token(ballot, manifest, where)
    yield "8.4", lambda: check_signature(ballot, where)
    yield "8.5", lambda: check_proofs(ballot, manifest, where)


def _prove(raw: bytes, manifest: Manifest, where: str) -> None:
    check_proofs(decode_ballot(raw, manifest, where), manifest, where)


def _refusal_of(
    ask: Callable[[bytes, Manifest, str], object], raw: bytes, manifest: Manifest, where: str
) -> Rejected:
    """What is said one by one of a ballot that the kernel, or a look at its length, has not passed."""
    try:
        ask(raw, manifest, where)
    except Rejected as refusal:
        return refusal
    raise AssertionError(f"{where}: not passed in a slice and not refused alone")
