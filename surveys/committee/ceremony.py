"""The key ceremony on the server (docs/protocol.md §5): it keeps public messages, checked, and knows no
secret.

Rounds advance when the messages of the round before are complete. Each verb is one transaction; the same
message again changes nothing; a message that fails a check raises Rejected naming clause and trustee, and is
not stored.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from surveys.committee.errors import ForeignTrustee, TooEarly
from surveys.committee.record import keep, payloads
from surveys.json_types import JsonObject
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.ceremony import Ceremony, Commit, Confirm, Deal, ElectionKeys, election_keys
from surveys.protocol.ceremony_checks import (
    check_commit,
    check_commits,
    check_complete,
    check_confirm,
    check_deal,
    check_keys,
    check_rehearsal,
    read_commit,
    read_confirm,
    read_deal,
)
from surveys.protocol.manifest import Definition, Manifest
from surveys.stores.engines import reading


def accept_commit(engine: Engine, definition: Definition, attempt: int, commit: Commit) -> None:
    """First round. Raises ForeignTrustee, Rejected (5.2) or StaleMessage."""
    _member(definition, commit.trustee)
    check_commit(commit, definition.digest, attempt)
    with engine.begin() as connection:
        others = [c for c in commits(connection, definition, attempt) if c.trustee != commit.trustee]
        check_commits([*others, commit], definition.digest, attempt)
        _keep(connection, definition, "commit", attempt, commit.trustee, commit.as_json())


def accept_deal(engine: Engine, definition: Definition, attempt: int, deal: Deal) -> None:
    """Second round, when all commits are in (else TooEarly). Raises Rejected (5.3, 5.4) or StaleMessage."""
    _member(definition, deal.trustee)
    with engine.begin() as connection:
        everybody = commits(connection, definition, attempt)
        _complete("deal", definition, [commit.trustee for commit in everybody])
        check_deal(deal, everybody, definition, attempt)
        _keep(connection, definition, "deal", attempt, deal.trustee, deal.as_json())


def accept_confirm(engine: Engine, manifest: Manifest, attempt: int, confirm: Confirm) -> None:
    """Third round, when all deals are in and the manifest is made. Raises Rejected (5.5, 5.6) or
    StaleMessage.
    """
    definition = manifest.definition
    _member(definition, confirm.trustee)
    with engine.begin() as connection:
        ceremony = _ceremony(connection, definition, attempt)
        _complete("confirm", definition, [deal.trustee for deal in ceremony.deals])
        keys = check_keys(ceremony, manifest)
        check_confirm(confirm, keys, ceremony.commits[confirm.trustee - 1].sign_key, manifest)
        _keep(connection, definition, "confirm", attempt, confirm.trustee, confirm.as_json())


def keys_of(engine: Engine, definition: Definition, attempt: int) -> ElectionKeys:
    """Election key and ceremony hash, once all deals are in (else TooEarly): what the manifest is made of."""
    with reading(engine) as connection:
        ceremony = _ceremony(connection, definition, attempt)
        _complete("manifest", definition, [deal.trustee for deal in ceremony.deals])
        return election_keys(definition.digest, attempt, ceremony.commits, ceremony.deals)


def commits_of(engine: Engine, definition: Definition, attempt: int) -> tuple[Commit, ...]:
    """The commits that are in, by trustee."""
    with reading(engine) as connection:
        return commits(connection, definition, attempt)


def record(engine: Engine, definition: Definition, attempt: int) -> Ceremony:
    """Everything that is in so far (5.8)."""
    with reading(engine) as connection:
        return _ceremony(connection, definition, attempt)


def finished(engine: Engine, manifest: Manifest, attempt: int) -> Ceremony:
    """The complete record, its rehearsal checked for every t trustees (5.7). Raises Rejected."""
    ceremony = record(engine, manifest.definition, attempt)
    check_complete(ceremony, manifest.definition)
    check_rehearsal(ceremony.confirms, check_keys(ceremony, manifest), manifest.definition.threshold)
    return ceremony


def commits(connection: Connection, definition: Definition, attempt: int) -> tuple[Commit, ...]:
    """The commits that are in, by trustee."""
    held = payloads(connection, definition.round_id, "commit", attempt)
    return tuple(read_commit(_fields("commit", i, raw)) for i, raw in held.items())


def _ceremony(connection: Connection, definition: Definition, attempt: int) -> Ceremony:
    round_id = definition.round_id
    deals = payloads(connection, round_id, "deal", attempt)
    confirms = payloads(connection, round_id, "confirm", attempt)
    return Ceremony(
        attempt,
        commits(connection, definition, attempt),
        tuple(read_deal(_fields("deal", i, raw)) for i, raw in deals.items()),
        tuple(read_confirm(_fields("confirm", i, raw)) for i, raw in confirms.items()),
    )


def _fields(kind: str, trustee: int, raw: bytes) -> Fields:
    where = f"{kind}s[{trustee - 1}]"
    return Fields(canonical.decode(raw, check="5.1", where=where), check="5.1", where=where)


def _keep(
    connection: Connection,
    definition: Definition,
    kind: str,
    attempt: int,
    trustee: int,
    message: JsonObject,
) -> None:
    keep(connection, definition.round_id, kind, attempt, trustee, canonical.encode(message))


def _member(definition: Definition, trustee: int) -> None:
    if not 1 <= trustee <= len(definition.trustees):
        raise ForeignTrustee(trustee)


def _complete(kind: str, definition: Definition, given: list[int]) -> None:
    missing = tuple(i for i in range(1, len(definition.trustees) + 1) if i not in given)
    if missing:
        raise TooEarly(kind, missing)
