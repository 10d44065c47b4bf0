"""Ballots that were changed in any way, by somebody outside or by the voter who signs again: none is
accepted.

Outside, every byte may change; the holder of the ballot key changes the body and signs anew, so that only
decoding and proofs stand between. The twin takes the proofs away and lets some of the voter's through.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from surveys.box import receiving
from surveys.box.errors import PanelFull
from surveys.box.receiving import receive_ballot
from surveys.errors import SurveysError
from surveys.protocol.ballot import HEADER, decode_ballot, row_size, signed_message
from surveys.protocol.group import ORDER
from tests.box.build import Vote, a_vote, ballot_signer

SIGN = Callable[[bytes], bytes]
# The identity, one that is not canonical (2^255 - 19), bit 255 alone, the order as a scalar and one more,
# nothing but ones, an encoding of a negative number.
ODD = (
    bytes(32),
    (2**255 - 19).to_bytes(32, "little"),
    bytes(31) + b"\x80",
    ORDER.to_bytes(32, "little"),
    (ORDER + 1).to_bytes(32, "little"),
    b"\xff" * 32,
    b"\x01" + bytes(31),
)


@pytest.fixture(scope="module")
def vote(tmp_path_factory: pytest.TempPathFactory) -> Vote:
    return a_vote(tmp_path_factory.mktemp("mutated"), (6, 6))


def fields_of(raw: bytes, vote: Vote) -> list[int]:
    """Where the points and scalars of all rows begin."""
    rows = len(decode_ballot(raw, vote.manifest).rows)
    return [HEADER + at for at in range(0, rows * row_size(len(vote.manifest.definition.levels)), 32)]


def flipped(raw: bytes, _: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) * 8)
    return raw[: at // 8] + bytes([raw[at // 8] ^ 1 << at % 8]) + raw[at // 8 + 1 :]


def several_bytes(raw: bytes, _: bytes, chance: random.Random) -> bytes:
    out = bytearray(raw)
    for _each in range(chance.randrange(2, 9)):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def another_length(raw: bytes, other: bytes, chance: random.Random) -> bytes:
    cut = chance.randrange(len(raw))
    return chance.choice([raw[:cut], raw + other[: chance.randrange(1, 64)], raw[cut:], raw[:-1] + other])


def a_piece_of_another(raw: bytes, other: bytes, chance: random.Random) -> bytes:
    first, last = sorted(chance.sample(range(len(raw) + 1), 2))
    return raw[:first] + other[first:last] + raw[last:]


def exchanged(raw: bytes, _: bytes, chance: random.Random) -> bytes:
    one, two = sorted(chance.sample(range(HEADER, len(raw) - 32 - 320, 32), 2))
    return raw[:one] + raw[two : two + 32] + raw[one + 32 : two] + raw[one : one + 32] + raw[two + 32 :]


def an_odd_encoding(raw: bytes, _: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(HEADER, len(raw) - 352, 32)
    return raw[:at] + chance.choice(ODD) + raw[at + 32 :]


def another_header(raw: bytes, other: bytes, chance: random.Random) -> bytes:
    at, width = chance.choice([(0, 4), (4, 32), (36, 4), (40, 32), (72, 4)])
    new = chance.choice([other[at : at + width], bytes(width), b"\xff" * width, chance.randbytes(width)])
    return raw[:at] + new + raw[at + width :]


MUTATIONS = (
    flipped,
    several_bytes,
    another_length,
    a_piece_of_another,
    exchanged,
    an_odd_encoding,
    another_header,
)


def mutated(vote: Vote, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many ballots that are none of the voters' own, each with what was done; every second one is signed
    anew by a voter.
    """
    chance = random.Random(seed)
    own = {raw for each in vote.voters for raw in (each.first, each.later)}
    while count:
        number = chance.randrange(len(vote.voters))
        raw = vote.voters[number].first
        other = chance.choice(sorted(own - {raw}))
        how = chance.choice(MUTATIONS)
        made = how(raw, other, chance)
        name = how.__name__
        if count % 2 and len(made) == len(raw):
            name += ", signed"
            body, token = made[: len(raw) - 320], made[len(raw) - 320 : len(raw) - 64]
            made = body + token + ballot_signer(vote, number)(signed_message(body, token))
        if made not in own:
            count -= 1
            yield name, made


def tried(vote: Vote, count: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """How many were accepted, by what was done, and how many refused, by the refusal."""
    accepted: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for name, raw in mutated(vote, count, seed):
        try:
            receive_ballot(vote.box, vote.manifest, raw, vote.box_key)
            accepted[name] += 1
        except PanelFull:
            accepted[name] += 1
        except SurveysError as refusal:
            refused[type(refusal).__name__] += 1
    return accepted, refused


def test_of_two_thousand_mutated_ballots_none_is_accepted(vote: Vote) -> None:
    before = vote.box_file.read_bytes()
    accepted, refused = tried(vote, 2000, seed=1)
    assert accepted == {}
    assert {"WrongSize", "Malformed", "BadSignature", "BadProof"} <= refused.keys(), refused
    assert vote.box_file.read_bytes() == before


@pytest.mark.soak
def test_of_a_hundred_thousand_mutated_ballots_none_is_accepted(vote: Vote) -> None:
    before = vote.box_file.read_bytes()
    accepted, refused = tried(vote, 100_000, seed=2)
    assert accepted == {}
    assert vote.box_file.read_bytes() == before
    print(dict(refused))


def test_every_field_of_every_row_refuses_every_odd_encoding(vote: Vote) -> None:
    raw = vote.voters[0].first
    for at in fields_of(raw, vote):
        for odd in ODD:
            body, token = raw[:at] + odd + raw[at + 32 : -320], raw[-320:-64]
            forged = body + token + ballot_signer(vote, 0)(signed_message(body, token))
            with pytest.raises(SurveysError):
                receive_ballot(vote.box, vote.manifest, forged, vote.box_key)


def test_the_twin_that_checks_no_proofs_lets_some_through(
    vote: Vote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "check_proofs", lambda *_: None)
    accepted, _ = tried(vote.copy(tmp_path / "twin"), 300, seed=3)
    assert accepted  # a dozen or two, as chance has it
