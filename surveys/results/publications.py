"""Published results: entered once, then only read. The results file of docs/protocol.md 13.2, sealed in the
app store.

Danger: results that could be replaced would not be published. A second, different file for the same round is
refused, and nothing here deletes or changes a row.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update

from surveys.instants import Instant
from surveys.names import RoundId
from surveys.results.errors import NotPublished, PublishedOtherwise
from surveys.results.models import published
from surveys.stores.columns import key_number
from surveys.stores.engines import reading
from surveys.stores.store import Store

_TABLE = "published_results"


@dataclass(frozen=True, slots=True)
class Publication:
    """`results` are the bytes of the results file, `bundle` the name of the audit bundle, `published_at` when
    they were.
    """

    round_id: RoundId
    results: bytes
    bundle: str
    bundle_sha256: str
    published_at: Instant


def publish(store: Store, publication: Publication) -> bool:
    """Enter a round's results in one transaction. True if they were new, False if these very results stood
    there already.

    Only results and bundle hash are compared: a second run after a kill keeps the first instant. Raises
    PublishedOtherwise when others are published; then nothing was changed.
    """
    round_id = publication.round_id
    with store.begin() as connection:
        held = connection.execute(select(published).where(published.c.survey == round_id)).one_or_none()
        if held is not None:
            same = store.keyring.open(_TABLE, "results", round_id, held.results) == publication.results
            if not same or held.bundle_sha256 != publication.bundle_sha256:
                raise PublishedOtherwise(round_id)
            return False
        connection.execute(
            insert(published).values(
                survey=round_id,
                published_at=publication.published_at,
                bundle=publication.bundle,
                bundle_sha256=publication.bundle_sha256,
                results=store.keyring.seal(_TABLE, "results", round_id, publication.results),
            )
        )
        return True


def find(store: Store, round_id: RoundId) -> Publication:
    """The published results of a round. Raises NotPublished."""
    with store.reading() as connection:
        row = connection.execute(select(published).where(published.c.survey == round_id)).one_or_none()
    if row is None:
        raise NotPublished(round_id)
    opened = store.keyring.open(_TABLE, "results", round_id, row.results)
    return Publication(round_id, opened, row.bundle, row.bundle_sha256, row.published_at)


def published_rounds(engine: Engine) -> frozenset[RoundId]:
    """The ids of the rounds whose results are published."""
    with reading(engine) as connection:
        return frozenset(connection.scalars(select(published.c.survey)))


def reseal_results(store: Store) -> None:
    """Seal every results file with the ring's newest key, one at a time; may be killed and run again."""
    for round_id in sorted(published_rounds(store.engine)):
        with store.begin() as connection:
            sealed = connection.execute(
                select(published.c.results).where(published.c.survey == round_id)
            ).scalar_one()
            if key_number(sealed) != store.keyring.current:
                again = store.keyring.seal(
                    _TABLE, "results", round_id, store.keyring.open(_TABLE, "results", round_id, sealed)
                )
                connection.execute(
                    update(published).where(published.c.survey == round_id).values(results=again)
                )
