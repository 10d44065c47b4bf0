"""What a cast costs the box, in a small and in a full one: `make bench-casting`.

Real ballots of 20 contests are cast one after another, and sixteen at a time, into boxes that hold so many
already (their slots are filled with random bytes of the right width: the cost of looking things up does not
depend on what they say). One panel for all, the worst case, for everything that is compared is compared
within a panel. Beside it `receive_ballot`, which asks the database and keeps nothing in memory.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from sqlalchemy import text

from benchmarks.measured import Spent, machine, middle, report, spent
from surveys.box import gate, receipts
from surveys.box.intake import Intake
from surveys.box.receiving import receive_ballot
from surveys.names import RoundId
from surveys.protocol.manifest import Manifest
from surveys.protocol.secret.sign_token import TokenKey, make_token_key
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll.listing import SealedTokenKey
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.box.build import SURVEY, a_manifest
from tests.votes import a_ballot, a_paper

CONTESTS, TOGETHER = 20, 16


def a_box(folder: Path, holds: int, room: int, key: TokenKey) -> tuple[Engines, Manifest, receipts.BoxKey]:
    """An open box with one panel that holds so many ballots and has room for some more."""
    stores = Stores(Engines(folder), Keyring.fresh())
    box = stores.engines.create_box(RoundId(SURVEY.hex()))
    box_key = receipts.make_box_key(stores.box(RoundId(SURVEY.hex())), os.urandom)
    slips = tuple(number.to_bytes(32, "big") for number in range(holds + room))
    sealed = {0: SealedTokenKey(key.public_der(), b"")}
    manifest = a_manifest((slips,), sealed, box_key.public, CONTESTS)
    gate.prepare(box, manifest)
    gate.open_polls(box)
    with box.begin() as connection:
        connection.execute(
            text(
                "update head set used = x'01', ballot_key = randomblob(32), sequence = x'00000001',"
                " digest = randomblob(32), fingerprints = randomblob(length(fingerprints)) where slot <= "
                ":holds"
            ),
            {"holds": holds},
        )
    return stores.engines, manifest, box_key


def ballots(manifest: Manifest, key: TokenKey, count: int) -> list[bytes]:
    """So many voters' ballots."""
    slips = (slip_key(os.urandom(10), SURVEY) for _ in range(count))
    papers = (a_paper(manifest, 0, slip, key) for slip in slips)
    return [a_ballot(manifest, 0, [1] * CONTESTS, paper) for paper in papers]


def _measured(folder: Path, holds: int, casts: int, key: TokenKey) -> dict[str, list[Spent]]:
    """What casts into one box take: the first, one after another, many together, and without memory."""
    engines, manifest, box_key = a_box(folder, holds, 2 * casts + 20, key)
    box = engines.box(RoundId(SURVEY.hex()))
    place = Intake(box, manifest, box_key)

    def cast(raw: bytes) -> object:
        return place.receive(raw)

    def through_the_database(raw: bytes) -> object:
        return receive_ballot(box, manifest, raw, box_key)

    def one_by_one(work: Callable[[bytes], object], count: int) -> list[Spent]:
        return [spent(partial(work, raw)) for raw in ballots(manifest, key, count)]

    def wave(pool: ThreadPoolExecutor, raws: Sequence[bytes]) -> object:
        return list(pool.map(cast, raws))

    found = {"memory built at the first": one_by_one(cast, 1), "one after another": one_by_one(cast, casts)}
    with ThreadPoolExecutor(TOGETHER) as pool:
        waves = [ballots(manifest, key, TOGETHER) for _ in range(max(1, casts // TOGETHER))]
        times = [spent(partial(wave, pool, raws)) for raws in waves]
    found[f"{TOGETHER} at a time"] = [Spent(t.wall / TOGETHER, t.cpu / TOGETHER) for t in times]
    found["through the database"] = one_by_one(through_the_database, 8)
    place.close()
    engines.close()
    return {f"{holds} ballots: {name}": all_ for name, all_ in found.items()}


def main(sizes: Sequence[int], casts: int) -> None:
    """Print what one ballot costs."""
    where, key = machine(), make_token_key()
    found: dict[str, list[Spent]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for holds in sizes:
            found |= _measured(Path(scratch) / str(holds), holds, casts, key)
    rows = [
        (name, middle([s.wall for s in all_]), middle([s.cpu for s in all_])) for name, all_ in found.items()
    ]
    facts = {
        name: {"wall": [s.wall for s in all_], "cpu": [s.cpu for s in all_]} for name, all_ in found.items()
    }
    columns = ("box", "ms by the clock: median [least … most]", "ms of processors")
    report("casting", f"one cast, {CONTESTS} contests", columns, rows, {"machine": where, "seconds": facts})


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1_000, 60_000], 48)
