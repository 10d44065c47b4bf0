"""What members agree on before anything is opened: one board under one plan (docs/protocol.md 11.3, 12.2).

Danger: a server that shows two boards to two halves of a committee and gets both opened reads a single ballot
off the difference. Two sets of q cosigners share t members, so only t members who cosign twice could let it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from surveys.instants import Instant, instant_text
from surveys.json_types import JsonObject
from surveys.protocol import canonical, signature
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed, Missing
from surveys.protocol.transcript import digest, transcript, u32

AGREEMENT_FORMAT = "tin-nhiem/agreement/2"
MOST_MEMBERS = 15


def agreement_hash(manifest: bytes, board: bytes, plan: bytes) -> bytes:
    """A of 11.3, 32 bytes, from M, board root and P."""
    return digest("agreement", manifest, board, plan)


def cosigners_needed(members: int, threshold: int) -> int:
    """q of 12.2: so many cosigners that two boards cannot both have."""
    return (members + threshold + 1) // 2


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A member has checked everything up to 11.2 and agrees to this board and plan; `at` by its own clock."""

    trustee: int
    at: Instant
    signature: bytes

    def as_json(self) -> JsonObject:
        """The entry of the file."""
        return {"trustee": self.trustee, "at": instant_text(self.at), "signature": self.signature.hex()}

    def check(self, agreed: bytes, sign_key: bytes, where: str) -> None:
        """Raises BadSignature (11.3)."""
        message = cosign_message(agreed, self.trustee, self.at)
        signature.verify(sign_key, message, self.signature, check="11.3", where=f"{where}.signature")


def cosign_message(agreed: bytes, trustee: int, at: Instant) -> bytes:
    """What a member signs (11.3)."""
    return transcript("cosign", agreed, u32(trustee), instant_text(at).encode("ascii"))


def read_cosignature(fields: Fields) -> Cosignature:
    """Parse an entry. Raises Malformed (11.3)."""
    read = Cosignature(
        fields.integer("trustee", 1, MOST_MEMBERS), fields.instant("at"), fields.hex("signature", 64)
    )
    fields.done()
    return read


def encode_agreement(cosignatures: Sequence[Cosignature]) -> bytes:
    """Canonical bytes of agreement.json."""
    listed = sorted(cosignatures, key=lambda each: each.trustee)
    return canonical.encode({"format": AGREEMENT_FORMAT, "cosignatures": [each.as_json() for each in listed]})


def decode_agreement(raw: bytes) -> tuple[Cosignature, ...]:
    """Parse strictly: ascending trustees, each once. Raises Malformed or Inconsistent (11.3)."""
    where = "agreement"
    fields = Fields(canonical.decode(raw, check="11.3", where=where), check="11.3", where=where)
    if fields.text("format", 100) != AGREEMENT_FORMAT:
        raise Malformed(check="11.3", where=f"{where}.format", why=f"not {AGREEMENT_FORMAT}")
    read = tuple(read_cosignature(each) for each in fields.objects("cosignatures", MOST_MEMBERS))
    fields.done()
    if any(a.trustee >= b.trustee for a, b in pairwise(read)):
        raise Inconsistent(check="11.3", where=f"{where}.cosignatures", why="not in ascending order")
    return read


def check_agreement(
    cosignatures: Sequence[Cosignature], agreed: bytes, sign_keys: Sequence[bytes], threshold: int
) -> None:
    """11.3: every cosignature holds, and there are t at least. Raises Missing or BadSignature."""
    for i, each in enumerate(cosignatures):
        where = f"agreement.cosignatures[{i}]"
        if each.trustee > len(sign_keys):
            raise Missing(check="11.3", where=f"{where}.trustee", why="no such trustee")
        each.check(agreed, sign_keys[each.trustee - 1], where)
    if len(cosignatures) < threshold:
        why = f"{len(cosignatures)} cosignatures, not {threshold}"
        raise Missing(check="11.3", where="agreement.cosignatures", why=why)


def look_up_left(
    look_up: int, threshold: int, cosigned_at: Sequence[Instant], now: Instant, since: Instant
) -> float:
    """Seconds of the look-up time that are left (11.4): from the client's own first sight, or from the t-th
    cosignature.
    """
    moments = sorted(cosigned_at)
    begun = [since, *moments[threshold - 1 : threshold]]
    passed = (now - min(begun)).total_seconds()
    return max(0.0, 60.0 * look_up - passed)


@dataclass(frozen=True, slots=True)
class Cosigners:
    """Whom an opening member goes by (12.2): whose cosignatures it has checked, and whom it names absent."""

    cosigned: tuple[int, ...]
    absent: tuple[int, ...] = ()

    def as_json(self) -> JsonObject:
        """The two fields of a share."""
        return {"cosigned": list(self.cosigned), "absent": list(self.absent)}

    def encode(self) -> tuple[bytes, bytes]:
        """The two fields of a share's statement."""
        return b"".join(map(u32, self.cosigned)), b"".join(map(u32, self.absent))

    def check(self, trustee: int, members: int, threshold: int, where: str) -> None:
        """12.2 of one share, but for whether those have cosigned. Raises Inconsistent."""
        if trustee not in self.cosigned:
            raise Inconsistent(check="12.2", where=f"{where}.cosigned", why="opened without having cosigned")
        if self != cosigners_of(self.cosigned, members, threshold, f"{where}.cosigned"):
            why = "not the members that this share must name absent"
            raise Inconsistent(check="12.2", where=f"{where}.absent", why=why)


def cosigners_of(
    cosigned: Sequence[int], members: int, threshold: int, where: str = "agreement"
) -> Cosigners:
    """Who is named absent where these have cosigned: nobody from q on, else all others. Raises Inconsistent
    under t.
    """
    there = tuple(sorted(set(cosigned)))
    if there != tuple(cosigned) or len(there) < threshold or there[-1] > members:
        why = f"not {threshold} members or more, each once and in order"
        raise Inconsistent(check="12.2", where=where, why=why)
    enough = len(there) >= cosigners_needed(members, threshold)
    others = tuple(i for i in range(1, members + 1) if i not in there)
    return Cosigners(there, () if enough else others)
