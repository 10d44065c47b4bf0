"""Time one ballot of 20 contests and the operations under it, on this machine, in this process.

Timings on shared machines are noisy: each line gives minimum, median and maximum of so many runs, and the
ballot's times are also told as multiples of one multiplication in libsodium, which stays comparable between
machines.
"""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from surveys.instants import read_instant
from surveys.names import PersonCode, UnitCode
from surveys.protocol import ballot, token
from surveys.protocol.definition import Contest, Panel, Unit, Visibility
from surveys.protocol.group import Scalar, base_multiply, multiply
from surveys.protocol.manifest import Manifest
from surveys.protocol.secret.blind import blind, finalize
from surveys.protocol.secret.encrypt import ballot_public_key, encrypt_ballot
from surveys.protocol.secret.sign_token import blind_sign, make_token_key
from surveys.protocol.tally import PackedLogarithm
from surveys.rules.preset import Preset
from tests import votes

CONTESTS = 20
RUNS = 50


def timed(run: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Milliseconds of each run, after one that does not count."""
    run()
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        run()
        times.append((time.perf_counter() - begun) * 1000)
    return times


def main() -> None:
    """Print the table."""
    key = make_token_key()
    units = (Unit(UnitCode("u"), None, "unit", "cell"),)
    panels = (Panel(UnitCode("u"), 5, bytes(32), key.public_der(), tuple(range(CONTESTS))),)
    contests = tuple(
        Contest(PersonCode(f"p{i:02}"), "name", UnitCode("u"), (), (0,)) for i in range(CONTESTS)
    )
    definition = votes.a_definition(
        survey=bytes(16),
        title_vi="đo",
        title_en="measure",
        organisation="unit",
        opens=read_instant("2026-01-01T00:00:00Z"),
        closes=read_instant("2026-01-02T00:00:00Z"),
        time_zone="UTC",
        utc_offset=0,
        look_up=0,
        rule=Preset.load("local-annual").as_json(),
        k=5,
        visibility=Visibility.PUBLIC,
        trustees=("a", "b", "c"),
        units=units,
        panels=panels,
        contests=contests,
        software="benchmark",
    )
    manifest = Manifest(definition, base_multiply(Scalar.random()), bytes(32))
    seed = secrets.token_bytes(32)
    public = token.decode_key(key.public_der())
    message = ballot.token_message(manifest.hash, 0, ballot_public_key(seed))
    blinded = blind(public, message)
    issued = finalize(public, message, blind_sign(key, blinded.message), blinded)
    choices = [i % 4 for i in range(CONTESTS)]
    raw = encrypt_ballot(manifest, 0, choices, seed, 1, issued)

    def check() -> None:
        decoded = ballot.decode_ballot(raw, manifest)
        ballot.check_token(decoded, manifest)
        ballot.check_signature(decoded)
        ballot.check_proofs(decoded, manifest)

    point, scalar = base_multiply(Scalar.random()), Scalar.random()
    table = PackedLogarithm(3, 1000)
    opened = multiply(base_multiply(Scalar.of(200 + 300 * 2**24 + 250 * 2**48)), Scalar(1))
    one = timed(lambda: multiply(point, scalar), 2000)
    rows: list[tuple[str, list[float]]] = [
        ("one multiplication in libsodium", one),
        (
            f"encrypt a ballot of {CONTESTS} contests ({len(raw)} bytes)",
            timed(lambda: encrypt_ballot(manifest, 0, choices, seed, 1, issued)),
        ),
        ("check it: decode, token, signature, proofs", timed(check)),
        ("blind a token request", timed(lambda: blind(public, message))),
        ("sign it blindly", timed(lambda: blind_sign(key, blinded.message))),
        ("packed logarithm of 1000 ballots, table made", timed(lambda: table.solve(opened, 1000), 10)),
    ]
    shown = Table("what", "min ms", "median ms", "max ms", "in multiplications")
    base = statistics.median(one)
    for name, times in rows:
        middle = statistics.median(times)
        shown.add_row(name, f"{min(times):.3f}", f"{middle:.3f}", f"{max(times):.3f}", f"{middle / base:.0f}")
    Console(width=120).print(shown)


if __name__ == "__main__":
    main()
