"""The request for a ballot paper and the file of all requests (docs/protocol.md §7.2, 7.5).

A record shows that a slip of the roll asked for one paper. Danger: nothing here may ever stand beside a token
or a ballot key; blinding is what keeps voter and ballot apart, and it is unconditional only while that is so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from surveys.protocol import canonical, signature
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Duplicate, Inconsistent, Malformed, Missing
from surveys.protocol.kernel.signatures import Signed, check_all
from surveys.protocol.pieces import CutShort, Pieces, Taken
from surveys.protocol.roll_list import MOST_PANELS, Roll
from surveys.protocol.transcript import transcript, u32

ISSUANCE_FORMAT = "tin-nhiem/issuance/2"
BLINDED_BYTES = 256


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """What a voter's client sends for a paper: panel index, slip public key, blinded message, signature."""

    panel: int
    slip: bytes
    blinded: bytes
    signature: bytes


def issue_message(manifest_hash: bytes, panel: int, slip: bytes, blinded: bytes) -> bytes:
    """What the slip key signs (7.2)."""
    return transcript("issue", manifest_hash, u32(panel), slip, blinded)


def panel_message(manifest_hash: bytes, slip: bytes) -> bytes:
    """What the slip key signs to learn its panel (15.2)."""
    return transcript("panel", manifest_hash, slip)


def check_request(request: IssueRequest, manifest_hash: bytes, where: str = "request") -> None:
    """7.2: the slip asked for this paper in this vote. Raises Malformed or BadSignature."""
    if len(request.slip) != 32 or len(request.blinded) != BLINDED_BYTES:
        raise Malformed(check="7.2", where=where, why="a field of the wrong length")
    message = issue_message(manifest_hash, request.panel, request.slip, request.blinded)
    signature.verify(request.slip, message, request.signature, check="7.2", where=f"{where}.signature")


def check_requests(requests: Sequence[tuple[str, IssueRequest]], manifest_hash: bytes) -> None:
    """7.2 for many, each with its place: what `check_request` raises of the first that fails."""
    signed = []
    for where, request in requests:
        if len(request.slip) != 32 or len(request.blinded) != BLINDED_BYTES:
            break
        message = issue_message(manifest_hash, request.panel, request.slip, request.blinded)
        signed.append(Signed(request.slip, message, request.signature, f"{where}.signature"))
    check_all(signed, check="7.2")
    for where, request in requests[len(signed) :]:
        check_request(request, manifest_hash, where)


class Issuances(ABC):
    """For each panel its requests, sorted by slip key."""

    @property
    @abstractmethod
    def counts(self) -> Sequence[int]:
        """How many requests each panel has."""

    @abstractmethod
    def each_panel(self) -> Iterable[Sequence[IssueRequest]]:
        """The requests, panel by panel."""

    def check_against(self, roll: Roll) -> None:
        """7.5: sorted, one record a slip, every slip a current one of its panel. Raises Inconsistent or
        Missing.
        """
        if len(self.counts) != len(roll.panels):
            raise Inconsistent(check="7.5", where="issuance.panels", why="not one list for each panel")
        for p, (requests, known) in enumerate(zip(self.each_panel(), roll.current(), strict=True)):
            for i, (a, b) in enumerate(pairwise(requests)):
                if a.slip >= b.slip:
                    raise Inconsistent(
                        check="7.5",
                        where=f"issuance.panels[{p}][{i + 1}].slip",
                        why="out of order or repeated",
                    )
            for i, request in enumerate(requests):
                if request.slip not in known:
                    raise Missing(
                        check="7.5",
                        where=f"issuance.panels[{p}][{i}].slip",
                        why="not a current slip of this panel",
                    )

    def check_blinded(self, moduli: Sequence[int]) -> None:
        """7.3: each blinded message is above zero and below its panel's modulus, and stands once in the
        panel.

        Raises Malformed or Duplicate.
        """
        for p, (requests, modulus) in enumerate(zip(self.each_panel(), moduli, strict=True)):
            seen: set[bytes] = set()
            for i, request in enumerate(requests):
                where = f"issuance.panels[{p}][{i}].blinded"
                if not 0 < int.from_bytes(request.blinded, "big") < modulus:
                    raise Malformed(check="7.3", where=where, why="zero, or not below the modulus")
                if request.blinded in seen:
                    raise Duplicate(check="7.3", where=where, why="another slip asked with this message")
                seen.add(request.blinded)


@dataclass(frozen=True)
class Issuance(Issuances):
    """Requests in memory."""

    panels: tuple[tuple[IssueRequest, ...], ...]

    @property
    def counts(self) -> Sequence[int]:
        """How many requests each panel has."""
        return [len(each) for each in self.panels]

    def each_panel(self) -> Iterable[Sequence[IssueRequest]]:
        """The requests, panel by panel."""
        return self.panels

    def encode(self) -> bytes:
        """Canonical bytes of the issuance file (7.5)."""
        return b"".join(encode_issuance(self.panels))


class IssuanceFile(Issuances):
    """Requests in a file of canonical form, read out of it anew each time, a panel at a time."""

    def __init__(self, file: Pieces) -> None:
        """Raises Otherwise where the bytes are of another form."""
        self._file = file
        self._counts = tuple(len(requests) for requests in self.each_panel())

    @property
    def counts(self) -> Sequence[int]:
        """How many requests each panel has."""
        return self._counts

    def each_panel(self) -> Iterator[tuple[IssueRequest, ...]]:
        """The requests, panel by panel."""
        taken = Taken(self._file())
        try:
            _expect(taken, _HEAD)
            number = 0
            while number < MOST_PANELS:
                yield _panel(taken, number)
                number += 1
                if (then := taken.take(1)) != b",":
                    break
            if number == MOST_PANELS or then + taken.take(1) != b"]}" or not taken.ended:
                raise Otherwise
        except CutShort:
            raise Otherwise from None


class Otherwise(Exception):
    """Not the one form of a file that has requests in it."""


_HEAD = b'{"format":"%s","panels":[' % ISSUANCE_FORMAT.encode()
_RECORD = (b'{"blinded":"', BLINDED_BYTES, b'","signature":"', 64, b'","slip":"', 32, b'"}')
_RECORD_BYTES = sum(2 * each if isinstance(each, int) else len(each) for each in _RECORD)


def encode_issuance(panels: Iterable[Sequence[IssueRequest]]) -> Iterator[bytes]:
    """The canonical bytes of the issuance file (7.5), a panel at a time."""
    yield _HEAD
    for p, requests in enumerate(panels):
        yield b",[" if p else b"["
        yield b",".join(
            b'{"blinded":"%s","signature":"%s","slip":"%s"}'
            % tuple(field.hex().encode() for field in (each.blinded, each.signature, each.slip))
            for each in requests
        )
        yield b"]"
    yield b"]}"


def read_issuance(file: Pieces) -> Issuances:
    """`decode_issuance` in the memory of one panel. Raises Malformed."""
    try:
        return IssuanceFile(file)
    except Otherwise:
        # Refused by the reader of any JSON, which says why; or a file without panels.
        return decode_issuance(b"".join(file()))


def _expect(taken: Taken, text: bytes) -> None:
    if taken.take(len(text)) != text:
        raise Otherwise


def _panel(taken: Taken, number: int) -> tuple[IssueRequest, ...]:
    _expect(taken, b"[")
    requests: list[IssueRequest] = []
    then = taken.take(1)
    while then != b"]":
        if then != (b"," if requests else b"{"):
            raise Otherwise
        raw = taken.take(_RECORD_BYTES) if requests else then + taken.take(_RECORD_BYTES - 1)
        requests.append(_record(raw, number))
        then = taken.take(1)
    return tuple(requests)


def _record(raw: bytes, panel: int) -> IssueRequest:
    fields, at = [], 0
    for each in _RECORD:
        if isinstance(each, bytes):
            if not raw.startswith(each, at):
                raise Otherwise
            at += len(each)
        else:
            fields.append(_plain(raw[at : at + 2 * each]))
            at += 2 * each
    blinded, signed, slip = fields
    return IssueRequest(panel, slip, blinded, signed)


def _plain(text: bytes) -> bytes:
    try:
        found = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        raise Otherwise from None
    if found.hex().encode() != text:
        raise Otherwise
    return found


def decode_issuance(raw: bytes) -> Issuance:
    """Parse strictly (7.5). Raises Malformed."""
    fields = Fields(canonical.decode(raw, check="7.5", where="issuance"), check="7.5", where="issuance")
    if fields.text("format", 100) != ISSUANCE_FORMAT:
        raise Malformed(check="7.5", where="issuance.format", why=f"not {ISSUANCE_FORMAT}")
    panels = tuple(
        tuple(_request(p, record) for record in records)
        for p, records in enumerate(fields.object_lists("panels"))
    )
    fields.done()
    return Issuance(panels)


def _request(panel: int, fields: Fields) -> IssueRequest:
    request = IssueRequest(
        panel, fields.hex("slip", 32), fields.hex("blinded", BLINDED_BYTES), fields.hex("signature", 64)
    )
    fields.done()
    return request


def sorted_issuance(panels: int, requests: Sequence[IssueRequest]) -> Issuance:
    """The issuance value of a survey with so many panels, whatever the order of the requests."""
    lists: list[list[IssueRequest]] = [[] for _ in range(panels)]
    for request in requests:
        lists[request.panel].append(request)
    return Issuance(tuple(tuple(sorted(each, key=lambda r: r.slip)) for each in lists))
