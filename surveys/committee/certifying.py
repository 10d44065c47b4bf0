"""The signatures under a round's papers on the server: of t members, under the same papers (docs/protocol.md
13.6, 16.9).

Danger: until t members have signed, what is stated may change and the papers with it; a signature under
earlier papers then counts for nothing and is dropped, so its member must look again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Engine, delete

from surveys.committee.counting import Count
from surveys.committee.models import messages
from surveys.committee.record import keep, payloads
from surveys.names import RoundId
from surveys.protocol.certificate import Certificate, Certified, certificate_of, check_certifying
from surveys.stores.engines import reading

_KIND = "certificate"


def accept_certificate(
    engine: Engine,
    count: Count,
    certified: Certified,
    trustee: int,
    signed: bytes,
    settle: Callable[[Connection], None] = lambda _: None,
) -> int:
    """Check one trustee's signature under these papers and keep it; how many are in now. The same again
    changes nothing.

    One transaction; with the t-th signature `settle` is part of it: what that refuses refuses the signature.
    Raises BadSignature (13.6); nothing is stored then.
    """
    check_certifying(
        certified, count.ceremony.commits[trustee - 1].sign_key, signed, f"certificate.signatures[{trustee}]"
    )
    with engine.begin() as connection:
        held = payloads(connection, count.round_id, _KIND, 0)
        given = _of_these(held, certified)
        for stale in held.keys() - given.keys():
            connection.execute(
                delete(messages).where(
                    messages.c.survey == count.round_id,
                    messages.c.kind == _KIND,
                    messages.c.attempt == 0,
                    messages.c.trustee == stale,
                )
            )
        if trustee not in given:
            keep(connection, count.round_id, _KIND, 0, trustee, certified.message_digest() + signed)
        number = len(given.keys() | {trustee})
        if number >= count.manifest.definition.threshold:
            settle(connection)
    return number


def certified_by(engine: Engine, round_id: RoundId, certified: Certified | None) -> tuple[int, ...]:
    """Who has signed these papers so far."""
    if certified is None:
        return ()
    with reading(engine) as connection:
        return tuple(sorted(_of_these(payloads(connection, round_id, _KIND, 0), certified)))


def certificate_in(
    engine: Engine, round_id: RoundId, certified: Certified, threshold: int
) -> Certificate | None:
    """The certificate of these papers, where t members have signed them."""
    with reading(engine) as connection:
        given = _of_these(payloads(connection, round_id, _KIND, 0), certified)
    return certificate_of(certified, given) if len(given) >= threshold else None


def signed_papers(engine: Engine, round_id: RoundId, threshold: int) -> frozenset[bytes]:
    """Digests (`Certified.message_digest`) of the papers that t members have signed: none or one."""
    with reading(engine) as connection:
        held = payloads(connection, round_id, _KIND, 0)
    digests = [raw[:32] for raw in held.values()]
    return frozenset(each for each in digests if digests.count(each) >= threshold)


def _of_these(held: Mapping[int, bytes], certified: Certified) -> dict[int, bytes]:
    digest = certified.message_digest()
    return {trustee: raw[32:] for trustee, raw in held.items() if raw[:32] == digest}
