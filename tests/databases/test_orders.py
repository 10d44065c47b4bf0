"""No order of voting can be asked of a sealed box or a closed roll in PostgreSQL; the controls tell it.

For each place in which PostgreSQL could keep an order, Kendall's τ between that place and the order of
arrival over 2 000 ballots.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from hashlib import shake_256
from pathlib import Path

import numpy
import pytest
from sqlalchemy import Connection, Engine, text, update

from surveys.box import gate, models, sealing
from surveys.names import RoundId
from surveys.protocol.ballot import HEADER, SIGNATURE_BYTES, TOKEN_BYTES, Ballot, ballot_size
from surveys.protocol.manifest import Manifest
from surveys.roll import models as roll_models
from surveys.roll.registrar import destroy_token_keys
from surveys.stores.engines import Engines
from tests.box.build import SURVEY, a_manifest, token_keys
from tests.databases.server import Server

BALLOTS = 2000
LIMIT = 0.06
CONTESTS = 4  # so that PostgreSQL keeps a ballot apart from its row
ROUND = RoundId(SURVEY.hex())

# What tells where and by whom a row was written, for the rows of a table by a key of theirs that anybody
# knows.
PLACES = {
    "transaction": "t.xmin::text::bigint",
    "command": "t.cmin::text::bigint",
    "page and offset": "(t.ctid::text::point)[0] * 1000 + (t.ctid::text::point)[1]",
    "offset alone": "(t.ctid::text::point)[1]",
    "age": "age(t.xmin)",
}


def tau(arrived: Sequence[int], found: Sequence[float]) -> float:
    """Kendall's τ-a of two sequences of the same things; ties count nothing."""
    ranked = numpy.array([value for _, value in sorted(zip(arrived, found, strict=True))])
    agree = numpy.triu(numpy.sign(ranked[None, :] - ranked[:, None])).sum()
    return float(agree / (len(ranked) * (len(ranked) - 1) / 2))


def ballots(manifest_contests: int, levels: int) -> list[Ballot]:
    """Ballots whose digests hold and whose proofs nobody looks at: sealing does not."""
    size = ballot_size(manifest_contests, levels)

    def one(number: int) -> Ballot:
        raw = shake_256(f"ballot {number}".encode()).digest(size)
        signature, token = raw[-SIGNATURE_BYTES:], raw[-SIGNATURE_BYTES - TOKEN_BYTES : -SIGNATURE_BYTES]
        body = raw[: -SIGNATURE_BYTES - TOKEN_BYTES]
        assert len(body) > HEADER
        return Ballot(0, raw[40:72], 1, (), token, signature, body)

    return [one(number) for number in range(BALLOTS)]


def put(connection: Connection, slot: int, ballot: Ballot) -> None:
    """As `receiving.write` does, but for points, which these ballots have not."""
    head, paper = models.head, models.paper
    connection.execute(
        update(head)
        .where(head.c.slot == slot)
        .values(used=b"\x01", ballot_key=ballot.key, sequence=bytes(4), digest=ballot.digest)
    )
    connection.execute(update(paper).where(paper.c.slot == slot).values(ballot=ballot.raw))


@pytest.fixture(scope="module")
def manifest_and_ballots() -> tuple[Manifest, list[Ballot]]:
    panel = tuple(shake_256(f"slip {n}".encode()).digest(32) for n in range(BALLOTS + 100))
    manifest = a_manifest((panel,), token_keys(1), bytes(32), CONTESTS)
    return manifest, ballots(CONTESTS, len(manifest.definition.levels))


@pytest.fixture
def engines(server: Server, tmp_path: Path) -> Iterator[Engines]:
    made = Engines(tmp_path, server.database())
    yield made
    made.close()


def cast_in(engine: Engine, manifest: Manifest, cast: Sequence[Ballot], seed: int) -> dict[bytes, int]:
    """Cast in an order drawn by this seed into slots drawn by it; the number of arrival by digest."""
    gate.prepare(engine, manifest)
    gate.open_polls(engine)
    drawn = random.Random(seed)
    order, slots = list(cast), drawn.sample(range(1, BALLOTS + 101), BALLOTS)
    drawn.shuffle(order)
    for ballot, slot in zip(order, slots, strict=True):
        with engine.begin() as connection:
            gate.hold(connection)
            put(connection, slot, ballot)
    gate.shut(engine)
    return {ballot.digest: number for number, ballot in enumerate(order)}


def places(
    engine: Engine, table: str, key: str, join: str = ""
) -> dict[str, tuple[list[bytes], list[float]]]:
    """For each place: keys of the rows, and what the place says of them."""
    found = {}
    with engine.begin() as connection:
        for name, expression in PLACES.items():
            rows = connection.execute(text(f"SELECT {key}, {expression} FROM {table} t {join}")).all()
            found[f"{table}: {name}"] = [r[0] for r in rows], [float(r[1]) for r in rows]
        rows = connection.execute(text(f"SELECT {key} FROM {table} t {join}")).all()
        found[f"{table}: as it is read"] = [r[0] for r in rows], [float(i) for i in range(len(rows))]
    return found


def toast(engine: Engine, table: str, key: str, column: str, join: str) -> tuple[list[bytes], list[float]]:
    """The numbers that PostgreSQL gave to the values it keeps apart."""
    with engine.begin() as connection:
        rows = connection.execute(
            text(f"SELECT {key}, pg_column_toast_chunk_id({column}) FROM {table} t {join}")
        ).all()
    assert all(row[1] for row in rows), "these ballots are not kept apart"
    return [r[0] for r in rows], [float(r[1]) for r in rows]


PAPER_OF = "JOIN head ON head.slot = t.slot WHERE head.used = '\\x01'"


def told_by_the_box(engine: Engine, arrived: dict[bytes, int]) -> dict[str, float]:
    looked = {
        **places(engine, "head", "t.digest", "WHERE t.used = '\\x01'"),
        **places(engine, "paper", "head.digest", PAPER_OF),
        "paper: TOAST": toast(engine, "paper", "head.digest", "t.ballot", PAPER_OF),
    }
    return {name: tau([arrived[key] for key in keys], values) for name, (keys, values) in looked.items()}


@pytest.mark.parametrize("orders", [3, pytest.param(20, marks=pytest.mark.soak)])
def test_a_sealed_box_tells_no_order_in_any_place(
    server: Server, tmp_path: Path, manifest_and_ballots: tuple[Manifest, list[Ballot]], orders: int
) -> None:
    manifest, cast = manifest_and_ballots
    for seed in range(orders):
        engines = Engines(tmp_path / str(seed), server.database())
        engine = engines.create_box(ROUND)
        arrived = cast_in(engine, manifest, cast, seed)
        if seed == 0:  # the control: an open box tells everything
            told = told_by_the_box(engine, arrived)
            assert told["head: transaction"] == pytest.approx(1)
            assert told["paper: transaction"] == pytest.approx(1)
            assert told["paper: TOAST"] > 0.9
            assert sum(abs(value) > LIMIT for value in told.values()) > 5
        assert len(sealing.seal(engine, manifest)) == BALLOTS
        told = told_by_the_box(engine, arrived)
        assert max(map(abs, told.values())) < LIMIT, told
        assert not statistics(engine, cast, arrived)
        engines.close()


def statistics(engine: Engine, cast: Sequence[Ballot], arrived: dict[bytes, int]) -> bool:
    """Whether the planner's statistics list digests in an order that goes with that of arrival."""
    with engine.begin() as connection:
        listed = connection.execute(
            text(
                "SELECT unnest(histogram_bounds::text::text[]) FROM pg_stats "
                "WHERE tablename = 'head' AND attname = 'digest' AND schemaname = current_schema()"
            )
        ).scalars()
        bounds = [bytes.fromhex(each.removeprefix("\\x")) for each in listed]
    known = [arrived[each] for each in bounds if each in arrived]
    assert len(known) > 50
    return bounds != sorted(bounds)


def test_vacuum_full_instead_of_rewriting_would_tell_the_order(
    engines: Engines, manifest_and_ballots: tuple[Manifest, list[Ballot]]
) -> None:
    """The control: it writes new files too, and keeps each row's transaction and each value's number."""
    manifest, cast = manifest_and_ballots
    engine = engines.create_box(ROUND)
    arrived = cast_in(engine, manifest, cast, 7)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM FULL head"))
        connection.execute(text("VACUUM FULL paper"))
    told = told_by_the_box(engine, arrived)
    assert told["head: transaction"] == pytest.approx(1)
    assert told["paper: TOAST"] > 0.9


def test_a_closed_roll_tells_no_order_in_any_place(engines: Engines) -> None:
    engine = engines.create_roll(ROUND)
    slips = [shake_256(f"slip {n}".encode()).digest(32) for n in range(BALLOTS)]
    with engine.begin() as connection:
        connection.execute(
            roll_models.panels.insert().values(
                panel=0, voters=BALLOTS, token_key=b"k", private_key=bytes(1312), present=bytes(4), state=b"c"
            )
        )
        connection.execute(
            roll_models.slips.insert(),
            [
                {"panel": 0, "slip": slip, "frozen": slip, "voter": b"v" * 40,
                 "blinded": bytes(256), "signature": bytes(64)}
                for slip in sorted(slips)
            ],
        )  # fmt: skip
    order = random.Random(3).sample(slips, BALLOTS)
    column = roll_models.slips.c
    for slip in order:
        with engine.begin() as connection:
            connection.execute(
                update(roll_models.slips).where(column.slip == slip).values(blinded=b"b" * 256)
            )
    arrived = {slip: number for number, slip in enumerate(order)}

    def told() -> dict[str, float]:
        return {
            name: tau([arrived[key] for key in keys], values)
            for name, (keys, values) in places(engine, "slips", "t.slip").items()
        }

    assert told()["slips: transaction"] == pytest.approx(1)
    destroy_token_keys(engine)
    assert max(map(abs, told().values())) < LIMIT
