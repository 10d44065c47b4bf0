"""Cosignatures of board and plan, and what openings say of who was absent: false, missing, or somebody
else's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from surveys.instants import read_instant
from surveys.protocol import canonical
from surveys.protocol.agreement import Cosigners, agreement_hash, cosign_message
from surveys.protocol.group import ORDER
from surveys.protocol.secret import receipt_key
from surveys.protocol.transcript import lp, transcript, u32
from tests.attacks.kinds import Forge, Members, Table, closed, rewritten
from tests.audit.build import Vote, a_tally, a_vote, an_agreement, counted
from tests.audit.closing import certified

AT = "2026-11-02T10:40:00Z"
THEN = read_instant(AT)
_SMALL = bytes(32)  # y = 0: a point of order four
_IDENTITY = b"\1" + bytes(31)


def _list(change: Callable[[list[Any]], object]) -> tuple[str, Forge]:
    return "11.3", rewritten("agreement.json", lambda it: change(it["cosignatures"]) and None)


def _first(**values: Any) -> tuple[str, Forge]:
    return _list(lambda them: them[0].update(values))


def _signed(sign: Callable[[Vote], bytes], trustee: int = 1, at: str = AT) -> tuple[str, Forge]:
    """The first cosignature is these bytes."""

    def forge(vote: Vote) -> Members:
        document = json.loads(vote.members["agreement.json"])
        document["cosignatures"][0] = {"trustee": trustee, "at": at, "signature": sign(vote).hex()}
        return {**vote.members, "agreement.json": canonical.encode(document)}

    return "11.3", forge


def _agreed(vote: Vote, **other: bytes) -> bytes:
    parts = {"manifest": vote.manifest.hash, "board": vote.plan.board, "plan": vote.plan.digest, **other}
    return agreement_hash(*parts.values())


def _by(vote: Vote, sheet: int, message: bytes) -> bytes:
    return vote.sheets[sheet].sign(message)


def _of_version_1(vote: Vote) -> bytes:
    label = lp(b"tin-nhiem/v1/cosign")
    return label + lp(_agreed(vote)) + lp(u32(1)) + lp(AT.encode())


def _bent(vote: Vote, part: slice, value: Callable[[bytes], bytes]) -> bytes:
    good = bytearray(_by(vote, 0, cosign_message(_agreed(vote), 1, THEN)))
    good[part] = value(bytes(good[part]))
    return bytes(good)


def _plus_order(s: bytes) -> bytes:
    return (int.from_bytes(s, "little") + ORDER).to_bytes(32, "little")


def _note(check: str, change: Callable[[Vote, list[str]], Sequence[str]]) -> tuple[str, Forge]:
    """Other lines of the checkpoint: five of its body, then the box, then the trustees."""

    def forge(vote: Vote) -> Members:
        lines = vote.members["checkpoint.txt"].decode().split("\n")[:-1]
        text = "".join(f"{line}\n" for line in change(vote, lines))
        return {**vote.members, "checkpoint.txt": text.encode()}

    return check, forge


def _renamed(line: str, name: str) -> str:
    dash, _, blob = line.split(" ")
    return f"{dash} {name} {blob}"


def _name(vote: Vote, trustee: int) -> str:
    return f"tin-nhiem/{vote.definition.round_id}/trustee-{trustee}"


def _resigned(vote: Vote, lines: list[str], trustee: int, signature: bytes) -> list[str]:
    dash, name, blob = lines[5 + trustee].split(" ")
    raw = base64.b64decode(blob)[:4] + signature
    return [*lines[: 5 + trustee], f"{dash} {name} {base64.b64encode(raw).decode()}", *lines[6 + trustee :]]


COSIGNATURES: Table = {
    "nobody": _list(lambda them: them.clear()),
    "one alone": _list(lambda them: them.__delitem__(slice(1, None))),
    "one twice": _list(lambda them: them.insert(0, them[0])),
    "one thrice, as three": _list(lambda them: them.__setitem__(slice(None), [them[0]] * 3)),
    "in another order": _list(lambda them: them.reverse()),
    "of nobody": _first(trustee=0),
    "of a member below zero": _first(trustee=-1),
    "of a fourth of three": _list(lambda them: them[2].update(trustee=4)),
    "of a sixteenth": _list(lambda them: them[2].update(trustee=16)),
    "in a colleague's name": _list(lambda them: them[2].update(signature=them[1]["signature"])),
    "two exchanged": _list(
        lambda them: [
            a.update(signature=s) for a, s in zip(them, [t["signature"] for t in them[::-1]], strict=True)
        ]
    ),
    "a second later": _first(at="2026-11-02T10:40:01Z"),
    "on the thirtieth of February": _first(at="2026-02-30T10:40:00Z"),
    "on a leap day of no leap year": _first(at="2100-02-29T10:40:00Z"),
    "in the year nought": _first(at="0000-11-02T10:40:00Z"),
    "in the thirteenth month": _first(at="2026-13-02T10:40:00Z"),
    "at twenty-four hours": _first(at="2026-11-02T24:00:00Z"),
    "in a leap second": _first(at="2026-11-02T23:59:60Z"),
    "in local time": _first(at="2026-11-02T17:40:00+07:00"),
    "with a fraction of a second": _first(at="2026-11-02T10:40:00.0Z"),
    "with a small z": _first(at="2026-11-02T10:40:00z"),
    "with a space for the T": _first(at="2026-11-02 10:40:00Z"),
    "with Arabic digits": _first(at="٢٠٢٦-11-02T10:40:00Z"),
    "with a line end behind the time": _first(at="2026-11-02T10:40:00Z\n"),
    "at no time": _first(at=""),
    "a time that is a number": _first(at=1793615600),
    "a signature in capitals": _list(lambda them: them[0].update(signature=them[0]["signature"].upper())),
    "half a signature": _list(lambda them: them[0].update(signature=them[0]["signature"][:64])),
    "a field more": _first(absent=[]),
    "over another board": _signed(lambda v: _by(v, 0, cosign_message(_agreed(v, board=bytes(32)), 1, THEN))),
    "over another plan": _signed(lambda v: _by(v, 0, cosign_message(_agreed(v, plan=bytes(32)), 1, THEN))),
    "over another manifest": _signed(
        lambda v: _by(v, 0, cosign_message(_agreed(v, manifest=bytes(32)), 1, THEN))
    ),
    "over board and plan exchanged": _signed(
        lambda v: _by(v, 0, cosign_message(_agreed(v, board=v.plan.digest, plan=v.plan.board), 1, THEN))
    ),
    "over another member's number": _signed(lambda v: _by(v, 0, cosign_message(_agreed(v), 2, THEN))),
    "over the words alone": _signed(lambda v: _by(v, 0, _agreed(v))),
    "over the checkpoint": _signed(lambda v: _by(v, 0, v.checkpoint.checkpoint.body())),
    "under the label of version 1": _signed(lambda v: _by(v, 0, _of_version_1(v))),
    "under the label of a share": _signed(
        lambda v: _by(v, 0, transcript("share", _agreed(v), u32(1), AT.encode()))
    ),
    "by the box": _signed(lambda v: receipt_key.sign(v.box_seed, cosign_message(_agreed(v), 1, THEN))),
    "by a member of another vote": _signed(
        lambda v: a_vote("second").sheets[0].sign(cosign_message(_agreed(v), 1, THEN))
    ),
    "S above the order": _signed(lambda v: _bent(v, slice(32, 64), _plus_order)),
    "S nought and R of small order": _signed(lambda _: _SMALL + bytes(32)),
    "R the identity": _signed(lambda v: _bent(v, slice(0, 32), lambda _: _IDENTITY)),
    "R of another sign": _signed(lambda v: _bent(v, slice(31, 32), lambda b: bytes([b[0] ^ 0x80]))),
    "two names exchanged in the checkpoint": _note(
        "10.4", lambda v, it: [*it[:6], _renamed(it[6], _name(v, 2)), _renamed(it[7], _name(v, 1)), it[8]]
    ),
    "a fourth member in the checkpoint": _note("10.4", lambda v, it: [*it, _renamed(it[8], _name(v, 4))]),
    "a stranger in the checkpoint": _note(
        "10.4", lambda _, it: [*it, _renamed(it[8], "example.org/witness")]
    ),
    "the box as a member": _note("10.4", lambda v, it: [*it[:8], _renamed(it[5], _name(v, 3))]),
    "a member as the box": _note(
        "10.3", lambda _, it: [*it[:5], _renamed(it[6], it[5].split(" ")[1]), *it[6:]]
    ),
    "a member's number with a nought in front": _note(
        "10.4", lambda v, it: [*it[:8], _renamed(it[8], f"{_name(v, 3)[:-1]}03")]
    ),
    "the checkpoint of an empty board cosigned": _note(
        "10.4",
        lambda v, it: _resigned(v, it, 1, _by(v, 0, replace(v.checkpoint.checkpoint, size=0).body())),
    ),
    "the checkpoint cosigned without its last line": _note(
        "10.4", lambda v, it: _resigned(v, it, 2, _by(v, 1, v.checkpoint.checkpoint.body()[:-1]))
    ),
}


def _opening(
    cosigned: Sequence[int],
    absent: Sequence[int],
    there: int = 3,
    second: tuple[Sequence[int], Sequence[int]] | None = None,
) -> Forge:
    """Two members open by these cosignatures and name these absent; so many stand in the file."""

    def forge(vote: Vote) -> Members:
        said = [Cosigners(tuple(cosigned), tuple(absent))]
        said.append(said[0] if second is None else Cosigners(tuple(second[0]), tuple(second[1])))
        tallies = [
            a_tally(vote.manifest, vote.ceremony, vote.keys, vote.sheets[:2], vote.ballots, vote.plan, each)
            for each in said
        ]
        shares = (tallies[0].shares[0], tallies[1].shares[1])
        tally = replace(tallies[0], shares=shares)
        strangers = max(absent, default=0) > len(vote.sheets)  # no minutes can name them
        members = {**vote.members, "tally.json": tally.encode()}
        members |= {} if strangers else counted(vote, tally=tally).members
        members["agreement.json"] = an_agreement(vote.manifest, vote.plan, vote.sheets[:there])
        return members

    return forge


def _share(check: str, **values: Any) -> tuple[str, Forge]:
    """A share says otherwise than was signed, or in no form."""
    return check, rewritten("tally.json", lambda it: it["shares"][0].update(values))


def _without_third(forge: Forge) -> Forge:
    """The honest vote that two of three opened, in which minutes or text then say something else."""
    base = _opening((1, 2), (3,), there=2)
    return lambda vote: forge(replace(vote, members=base(vote)))


def _minutes(names: Callable[[Vote], list[str]]) -> Forge:
    """Minutes that name these members absent, text and certificate with them."""

    def forge(vote: Vote) -> Members:
        minutes = json.loads(vote.members["minutes.json"])
        return closed(vote.members, vote, {**minutes, "absent": names(vote)})

    return forge


def _text(old: str, new: str) -> Forge:
    def forge(vote: Vote) -> Members:
        text = vote.members["minutes.txt"].decode()
        third = vote.definition.trustees[2]
        line = f"Members absent from the opening: {old.format(third)}\n"
        assert line in text
        altered = text.replace(line, f"Members absent from the opening: {new.format(third)}\n")
        minutes = json.loads(vote.members["minutes.json"])
        made = {**closed(vote.members, vote, minutes), "minutes.txt": altered.encode()}
        return {**made, "certificate.json": certified(vote.manifest, vote.plan, made, vote.sheets[:2])}

    return forge


NONE = "không / none"
ABSENCES: Table = {
    "two cosigned and nobody is named": ("12.2", _opening((1, 2), ())),
    "two cosigned and the third is named, who is in the file": (
        "13.4",
        _minutes(lambda v: [v.definition.trustees[2]]),
    ),
    "all cosigned and one is named": ("12.2", _opening((1, 2, 3), (3,))),
    "all cosigned and all are named": ("12.2", _opening((1, 2, 3), (1, 2, 3))),
    "one cosigned and two are named": ("12.2", _opening((1,), (2, 3), second=((2,), (1, 3)))),
    "nobody cosigned": ("12.2", _opening((), (1, 2, 3))),
    "one is named who opens": ("12.2", _opening((1, 2), (1, 3), there=2)),
    "one is named who is no member": ("12.2", _opening((1, 2), (4,), there=2)),
    "the third is named twice": ("12.2", _opening((1, 2), (3, 3), there=2)),
    "a fourth cosigned": ("12.2", _opening((1, 2, 4), ())),
    "one cosigned twice": ("12.2", _opening((1, 2, 2), ())),
    "cosigners out of order": ("12.2", _opening((2, 1, 3), ())),
    "cosigners who are not in the file": ("12.2", _opening((1, 2, 3), (), there=2)),
    "an opening member has not cosigned": ("12.2", _opening((2, 3), (1,))),
    "the second share hides whom the first names": ("12.2", _opening((1, 2), (3,), 2, ((1, 2, 3), ()))),
    "the first share hides whom the second names": ("12.2", _opening((1, 2, 3), (), 2, ((1, 2), (3,)))),
    "an absence put in after signing": _share("12.3", cosigned=[1, 2], absent=[3]),
    "a cosigner left out after signing": _share("12.3", cosigned=[1, 2]),
    "an absence that is a name": _share("12.3", absent=["Phạm Thị Tám"]),
    "an absence that is null": _share("12.3", absent=None),
    "an absence of member 0": _share("12.3", absent=[0]),
    "an absence of member 16": _share("12.3", absent=[16]),
    "sixteen absences": _share("12.3", absent=[1] * 16),
    "no word of absence": (
        "12.3",
        rewritten("tally.json", lambda it: it["shares"][0].__delitem__("absent")),
    ),
    "minutes that hide the absent": ("13.4", _without_third(_minutes(lambda _: []))),
    "minutes that name another": ("13.4", _without_third(_minutes(lambda v: [v.definition.trustees[0]]))),
    "minutes that name a stranger": ("13.4", _without_third(_minutes(lambda _: ["Ai đó"]))),
    "minutes that name the absent twice": (
        "13.4",
        _without_third(_minutes(lambda v: [v.definition.trustees[2]] * 2)),
    ),
    "minutes of all that name one": ("13.4", _minutes(lambda v: [v.definition.trustees[0]])),
    "a text that hides the absent": ("13.5", _without_third(_text("{}", NONE))),
    "a text that names the absent in a look-alike": ("13.5", _without_third(_text("{}", "{}\u200b"))),
    "a text that names one where nobody was absent": ("13.5", _text(NONE, "{}")),
}
