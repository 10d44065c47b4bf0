"""The certificate of a round on the server: one, for ever (docs/protocol.md 13.6, 16.8)."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Engine

from surveys.committee.counting import Count
from surveys.committee.record import keep, payloads
from surveys.protocol.certificate import Certificate, Certified, decode_certificate
from surveys.stores.engines import reading

# One certificate a round, whoever signs it: it is kept under a number that no trustee has.
_THE_ONE = 0


def accept_certificate(
    engine: Engine,
    count: Count,
    certified: Certified,
    certificate: Certificate,
    settle: Callable[[Connection], None] = lambda _: None,
) -> None:
    """Check a certificate of these papers and keep it. The same again changes nothing.

    One transaction, which `settle` is part of: what it refuses refuses the certificate. Raises BadSignature (13.6), or StaleMessage where another one was given before; nothing is stored then.
    """
    certificate.check(certified, count.ceremony.commits[certificate.trustee - 1].sign_key)
    with engine.begin() as connection:
        keep(connection, count.survey, "certificate", 0, _THE_ONE, certificate.encode())
        settle(connection)


def certificate_in(engine: Engine, survey: str) -> Certificate | None:
    """The certificate of a round, where there is one."""
    with reading(engine) as connection:
        held = payloads(connection, survey, "certificate", 0)
    return decode_certificate(held[_THE_ONE]) if _THE_ONE in held else None
