"""Published results: entered once, then only read. The results file of docs/protocol.md 13.2, sealed in the app store.

Danger: results that could be replaced would not be published. A second, different file for the same round is refused,
and nothing here deletes or changes a row.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update

from surveys.results.errors import NotPublished, PublishedOtherwise
from surveys.results.models import published
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading

_TABLE = "published_results"


@dataclass(frozen=True, slots=True)
class Publication:
    """`results` are the bytes of the results file, `bundle` the name of the audit bundle, `published_at` a UTC instant (`…Z`)."""

    survey: str
    results: bytes
    bundle: str
    bundle_sha256: str
    published_at: str


def publish(engine: Engine, keyring: Keyring, publication: Publication) -> bool:
    """Enter a round's results in one transaction. True if they were new, False if these very results stood there already.

    Only results and bundle hash are compared: a second run after a kill keeps the first instant. Raises
    PublishedOtherwise when others are published; then nothing was changed.
    """
    survey = publication.survey
    with engine.begin() as connection:
        held = connection.execute(select(published).where(published.c.survey == survey)).one_or_none()
        if held is not None:
            same = keyring.open(_TABLE, "results", survey, held.results) == publication.results
            if not same or held.bundle_sha256 != publication.bundle_sha256:
                raise PublishedOtherwise(survey)
            return False
        connection.execute(
            insert(published).values(
                survey=survey,
                published_at=publication.published_at,
                bundle=publication.bundle,
                bundle_sha256=publication.bundle_sha256,
                results=keyring.seal(_TABLE, "results", survey, publication.results),
            )
        )
        return True


def find(engine: Engine, keyring: Keyring, survey: str) -> Publication:
    """The published results of a round. Raises NotPublished."""
    with reading(engine) as connection:
        row = connection.execute(select(published).where(published.c.survey == survey)).one_or_none()
    if row is None:
        raise NotPublished(survey)
    opened = keyring.open(_TABLE, "results", survey, row.results)
    return Publication(survey, opened, row.bundle, row.bundle_sha256, row.published_at)


def published_surveys(engine: Engine) -> frozenset[str]:
    """The ids of the rounds whose results are published."""
    with reading(engine) as connection:
        return frozenset(connection.scalars(select(published.c.survey)))


def reseal_results(engine: Engine, keyring: Keyring) -> None:
    """Seal every results file with the ring's newest key, one at a time; may be killed and run again."""
    for survey in sorted(published_surveys(engine)):
        with engine.begin() as connection:
            sealed = connection.execute(
                select(published.c.results).where(published.c.survey == survey)
            ).scalar_one()
            if key_number(sealed) != keyring.current:
                again = keyring.seal(
                    _TABLE, "results", survey, keyring.open(_TABLE, "results", survey, sealed)
                )
                connection.execute(
                    update(published).where(published.c.survey == survey).values(results=again)
                )
