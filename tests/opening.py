"""Members who check, cosign and open, for tests of what comes after: over the members of a vote, or over a
count of an instance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from surveys.audit.members import Content
from surveys.committee import counting
from surveys.committee.checking import BOARD, Examined, examine
from surveys.committee.counting import Count
from surveys.committee.trustee import Trustee
from surveys.instants import read_instant
from surveys.protocol.agreement import Cosignature
from surveys.protocol.shares import Share
from surveys.stores.engines import Engines

AT, LATER = read_instant("2026-11-02T11:00:00Z"), read_instant("2026-11-02T12:00:00Z")


def board_of(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a member checks before it cosigns, out of a bundle's members."""
    return {name: members[name] for name in BOARD}


def cosigned_by(examined: Examined, trustees: Sequence[Trustee]) -> tuple[Cosignature, ...]:
    """The cosignatures of these."""
    return tuple(trustee.cosign(examined, AT).cosignature for trustee in trustees)


def opened_by(
    trustee: Trustee, examined: Examined, cosignatures: Sequence[Cosignature], absent: Sequence[int] = ()
) -> Share:
    """The trustee's share, the look-up time being over."""
    return trustee.open(examined, cosignatures, absent=absent, now=LATER, since=AT)


def count_by(
    engines: Engines,
    count: Count,
    members: Mapping[str, Content],
    trustees: Sequence[Trustee],
    counters: Sequence[Trustee],
) -> Examined:
    """All these cosign and those open, over the server's verbs."""
    examined = examine(members)
    for trustee in trustees:
        given = trustee.cosign(examined, AT)
        counting.accept_cosignature(engines.app, count, given.cosignature, given.checkpoint)
    agreement = counting.agreement_in(engines.app, count)
    for trustee in counters:
        counting.accept_share(engines.app, count, opened_by(trustee, examined, agreement))
    return examined
