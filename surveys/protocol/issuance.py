"""The request for a ballot paper and the file of all requests (docs/protocol.md §7.2, 7.5).

A record shows that a slip of the roll asked for one paper. Danger: nothing here may ever stand beside a token
or a ballot key; blinding is what keeps voter and ballot apart, and it is unconditional only while that is so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from surveys.protocol import canonical, signature
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Duplicate, Inconsistent, Malformed, Missing
from surveys.protocol.kernel.signatures import Signed, check_all
from surveys.protocol.roll_list import Roll
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


@dataclass(frozen=True, slots=True)
class Issuance:
    """For each panel its requests, sorted by slip key."""

    panels: tuple[tuple[IssueRequest, ...], ...]

    def encode(self) -> bytes:
        """Canonical bytes of the issuance file (7.5)."""
        return canonical.encode(
            {
                "format": ISSUANCE_FORMAT,
                "panels": [
                    [
                        {"slip": r.slip.hex(), "blinded": r.blinded.hex(), "signature": r.signature.hex()}
                        for r in requests
                    ]
                    for requests in self.panels
                ],
            }
        )

    def check_against(self, roll: Roll) -> None:
        """7.5: sorted, one record a slip, every slip a current one of its panel. Raises Inconsistent or
        Missing.
        """
        if len(self.panels) != len(roll.panels):
            raise Inconsistent(check="7.5", where="issuance.panels", why="not one list for each panel")
        for p, (requests, known) in enumerate(zip(self.panels, roll.current(), strict=True)):
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
        for p, (requests, modulus) in enumerate(zip(self.panels, moduli, strict=True)):
            seen: set[bytes] = set()
            for i, request in enumerate(requests):
                where = f"issuance.panels[{p}][{i}].blinded"
                if not 0 < int.from_bytes(request.blinded, "big") < modulus:
                    raise Malformed(check="7.3", where=where, why="zero, or not below the modulus")
                if request.blinded in seen:
                    raise Duplicate(check="7.3", where=where, why="another slip asked with this message")
                seen.add(request.blinded)


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
