"""What a fuzzer calls: each target takes any bytes, and reads them or refuses in the house's own words.

Whatever else comes out is a fault. What is read is written again where there is a writer, and must be the
same bytes: one text, one meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from surveys.audit import bundle
from surveys.audit.receipts import find_receipt
from surveys.errors import SurveysError
from surveys.organisation.sheets import read_organisation
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.checkpoint import decode_checkpoint
from surveys.protocol.receipt import Promise
from tests.audit.build import a_vote
from tests.organisation.build import as_csv, as_zip, good, inline, parts_of


@dataclass(frozen=True)
class Target:
    """Any bytes go in; `seeds` are good ones to begin with."""

    run: Callable[[bytes], None]
    seeds: Iterable[bytes]


def ballot() -> Target:
    vote = a_vote()

    def run(raw: bytes) -> None:
        decode_ballot(raw, vote.manifest)

    return Target(_or_refused(run), vote.ballots[:2])


def checkpoint() -> Target:
    def run(raw: bytes) -> None:
        assert decode_checkpoint(raw).encode() == raw

    return Target(_or_refused(run), [a_vote().members["checkpoint.txt"]])


def receipt() -> Target:
    def run(raw: bytes) -> None:
        find_receipt(raw.decode("utf-8", "replace"))

    promise = Promise(bytes(32), bytes(range(32)), bytes(32), 1, bytes(64))
    return Target(_or_refused(run), [promise.write().encode(), f"<pre>{promise.write()}</pre>".encode()])


def bundles() -> Target:
    path = Path(mkdtemp()) / "bundle.zip"
    bundle.write_bundle(path, a_vote().members)
    seed = path.read_bytes()

    def run(raw: bytes) -> None:
        path.write_bytes(raw)
        with bundle.read_bundle(path) as held:
            for name in held:
                assert held[name] is not None

    return Target(_or_refused(run), [seed])


def workbook() -> Target:
    """The part of a workbook that holds its people; the rest stays good, so that it is come to."""
    path = Path(mkdtemp()) / "organisation.xlsx"
    parts = parts_of({name: inline(rows) for name, rows in good().items()})
    name = next(each for each in parts if each.startswith("xl/worksheets/"))

    def run(raw: bytes) -> None:
        as_zip(path, {**parts, name: raw})
        read_organisation(path)

    return Target(_or_refused(run), [parts[name].encode()])


def table() -> Target:
    """One of the tables in CSV, beside the others."""
    folder = as_csv(Path(mkdtemp()), good())
    path = folder / "people.csv"

    def run(raw: bytes) -> None:
        path.write_bytes(raw)
        read_organisation(folder)

    return Target(_or_refused(run), [path.read_bytes()])


def _or_refused(run: Callable[[bytes], None]) -> Callable[[bytes], None]:
    def tried(raw: bytes) -> None:
        try:
            run(raw)
        except SurveysError:
            return

    return tried


TARGETS: Mapping[str, Callable[[], Target]] = {
    "ballot": ballot,
    "bundle": bundles,
    "checkpoint": checkpoint,
    "receipt": receipt,
    "workbook": workbook,
    "table": table,
}
