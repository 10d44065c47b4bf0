"""The count on the server (docs/protocol.md 11.3, §12): one plan, cosignatures, then shares, a tally when t
are in.

Each verb is one transaction and may be run again. The server holds no key: it can open nothing by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select

from surveys.committee.errors import ForeignTrustee, NotEnoughShares, SecondPlan
from surveys.committee.models import plans
from surveys.committee.record import keep, payloads
from surveys.names import RoundId
from surveys.protocol import canonical, signature
from surveys.protocol.agreement import Cosignature, agreement_hash, read_cosignature
from surveys.protocol.canonical import Fields
from surveys.protocol.ceremony import Ceremony, ElectionKeys, election_keys
from surveys.protocol.errors import Missing
from surveys.protocol.manifest import Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.shares import Share, ShareContext, check_share, read_share
from surveys.protocol.tally import Sum, Tally, open_sums, solve_all
from surveys.stores.engines import reading


@dataclass(frozen=True, slots=True)
class Count:
    """What is to be opened: the plan of a board and the sums over its atoms."""

    manifest: Manifest
    ceremony: Ceremony
    plan: Plan
    checkpoint: bytes
    sums: tuple[Sum, ...]
    ballots: tuple[int, ...]

    @property
    def keys(self) -> ElectionKeys:
        """The trustees' verification keys."""
        definition, ceremony = self.manifest.definition, self.ceremony
        return election_keys(definition.digest, ceremony.attempt, ceremony.commits, ceremony.deals)

    @property
    def context(self) -> ShareContext:
        """What each share is bound to."""
        return ShareContext(self.manifest.hash, self.plan.board, self.plan.digest)

    @property
    def agreed(self) -> bytes:
        """A of 11.3: what members cosign."""
        return agreement_hash(self.manifest.hash, self.plan.board, self.plan.digest)

    @property
    def round_id(self) -> RoundId:
        """The round_id id in hex."""
        return self.manifest.definition.round_id


def begin(engine: Engine, count: Count) -> None:
    """Propose the plan. The same plan again changes nothing; another one raises SecondPlan."""
    with engine.begin() as connection:
        held = connection.execute(
            select(plans.c.payload).where(plans.c.survey == count.round_id)
        ).scalar_one_or_none()
        payload = count.plan.encode()
        if held is None:
            row = {"survey": count.round_id, "board": count.plan.board, "payload": payload}
            connection.execute(insert(plans).values(**row))
        elif held != payload:
            raise SecondPlan


def accept_cosignature(engine: Engine, count: Count, given: Cosignature, checkpoint: bytes) -> bool:
    """Check and keep a trustee's cosignature (11.3) with its signature of the checkpoint's body (10.4).

    A second one of the same trustee changes nothing, whenever it was made: the first stands; False then.
    Raises ForeignTrustee or Rejected naming the trustee.
    """
    _member(count, given.trustee)
    where = f"cosignatures[{given.trustee}]"
    sign_key = count.ceremony.commits[given.trustee - 1].sign_key
    given.check(count.agreed, sign_key, where)
    signature.verify(sign_key, count.checkpoint, checkpoint, check="10.4", where=where)
    with engine.begin() as connection:
        if given.trustee in payloads(connection, count.round_id, "agreement", 0):
            return False
        keep(connection, count.round_id, "agreement", 0, given.trustee, canonical.encode(given.as_json()))
        keep(connection, count.round_id, "cosignature", 0, given.trustee, checkpoint)
    return True


def accept_share(engine: Engine, count: Count, share: Share) -> None:
    """Check and keep a trustee's share (12.3), given by the cosignatures that are in (12.2).

    Raises ForeignTrustee, Rejected naming the trustee, or StaleMessage; the count goes on without it then.
    """
    _member(count, share.trustee)
    definition = count.manifest.definition
    where = f"shares[{share.trustee}]"
    share.cosigners.check(share.trustee, len(definition.trustees), definition.threshold, where)
    sign_key = count.ceremony.commits[share.trustee - 1].sign_key
    key = count.keys.verification_keys[share.trustee - 1]
    check_share(share, count.context, key, sign_key, [alpha for alpha, _ in count.sums], where)
    with engine.begin() as connection:
        held = payloads(connection, count.round_id, "agreement", 0)
        for trustee in share.cosigners.cosigned:
            if trustee not in held:
                why = f"trustee {trustee} has not cosigned"
                raise Missing(check="12.2", where=f"{where}.cosigned", why=why)
        keep(connection, count.round_id, "share", 0, share.trustee, canonical.encode(share.as_json()))


def agreement_in(engine: Engine, count: Count) -> tuple[Cosignature, ...]:
    """The cosignatures that are in, by trustee."""
    with reading(engine) as connection:
        held = payloads(connection, count.round_id, "agreement", 0)
    return tuple(
        read_cosignature(
            Fields(
                canonical.decode(raw, check="11.3", where=f"cosignatures[{i}]"),
                check="11.3",
                where=f"cosignatures[{i}]",
            )
        )
        for i, raw in held.items()
    )


def shares_in(engine: Engine, count: Count) -> tuple[Share, ...]:
    """The valid shares so far, by trustee."""
    with reading(engine) as connection:
        return _shares(connection, count)


def cosignatures_in(engine: Engine, count: Count) -> dict[int, bytes]:
    """Trustee → its signature of the checkpoint."""
    with reading(engine) as connection:
        return payloads(connection, count.round_id, "cosignature", 0)


def tally(engine: Engine, count: Count, on_solved: Callable[[], None] | None = None) -> Tally:
    """Combine t shares and solve every sum (12.4, 12.5). Raises NotEnoughShares. The same result each
    time.
    """
    shares = shares_in(engine, count)
    threshold = count.manifest.definition.threshold
    if len(shares) < threshold:
        raise NotEnoughShares(len(shares), threshold)
    opened = open_sums(count.sums, shares, threshold)
    returned = [_returned(count.ballots, panels) for _, panels in count.plan.atoms()]
    counts = solve_all(opened, returned, len(count.manifest.definition.levels), on_solved)
    return Tally(count.plan.digest, count.sums, shares, counts)


def _member(count: Count, trustee: int) -> None:
    if not 1 <= trustee <= len(count.manifest.definition.trustees):
        raise ForeignTrustee(trustee)


def _returned(ballots: Sequence[int], panels: Sequence[int]) -> int:
    return sum(ballots[p] for p in panels)


def _shares(connection: Connection, count: Count) -> tuple[Share, ...]:
    held = payloads(connection, count.round_id, "share", 0)
    return tuple(
        read_share(
            Fields(
                canonical.decode(raw, check="12.3", where=f"shares[{i}]"), check="12.3", where=f"shares[{i}]"
            )
        )
        for i, raw in held.items()
    )
