"""Certificates over other papers, by too few, by others, in other forms (13.6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from surveys.protocol import canonical
from surveys.protocol.group import ORDER
from surveys.protocol.secret import receipt_key
from surveys.protocol.transcript import lp, transcript
from tests.attacks.kinds import Forge, Members, Table, rewritten
from tests.audit.build import Vote, a_vote
from tests.audit.closing import certified

FILES = {
    "results": "results.json",
    "attendance": "attendance.json",
    "minutes": "minutes.json",
    "text": "minutes.txt",
}


def _as(change: Callable[[Any], object]) -> tuple[str, Forge]:
    return "13.6", rewritten("certificate.json", lambda it: change(it) and None)


def _list(change: Callable[[list[Any]], object]) -> tuple[str, Forge]:
    return _as(lambda it: change(it["signatures"]))


def _over(
    message: Callable[[Vote, Sequence[bytes]], bytes],
    sign: Callable[[Vote, int, bytes], bytes] = lambda vote, i, message: vote.sheets[i].sign(message),
    **instead: Callable[[Vote], bytes],
) -> tuple[str, Forge]:
    """Two members, or others, sign this; the file names the hashes of the papers, or these."""

    def forge(vote: Vote) -> Members:
        found = {name: sha256(vote.members[member]).digest() for name, member in FILES.items()}
        found |= {name: make(vote) for name, make in instead.items()}
        signed = message(vote, list(found.values()))
        document: dict[str, Any] = {name: each.hex() for name, each in found.items()}
        document["format"] = "tin-nhiem/certificate/2"
        document["signatures"] = [
            {"trustee": i + 1, "signature": sign(vote, i, signed).hex()} for i in (0, 1)
        ]
        return {**vote.members, "certificate.json": canonical.encode(document)}

    return "13.6", forge


def _right(vote: Vote, hashes: Sequence[bytes]) -> bytes:
    return transcript("certificate", vote.manifest.hash, vote.plan.board, vote.plan.digest, *hashes)


def _of_version_1(vote: Vote, hashes: Sequence[bytes]) -> bytes:
    parts = (vote.manifest.hash, vote.plan.board, vote.plan.digest, *hashes)
    return lp(b"tin-nhiem/v1/certificate") + b"".join(map(lp, parts))


def _by(count: int) -> tuple[str, Forge]:
    return "13.6", lambda vote: {
        **vote.members,
        "certificate.json": certified(vote.manifest, vote.plan, vote.members, vote.sheets[:count]),
    }


def _member(name: str) -> Callable[[Vote], bytes]:
    return lambda vote: sha256(vote.members[name]).digest()


def _plus_order(signature: str) -> str:
    s = (int.from_bytes(bytes.fromhex(signature[64:]), "little") + ORDER).to_bytes(32, "little")
    return signature[:64] + s.hex()


CERTIFICATES: Table = {
    "by nobody": _by(0),
    "by one": _by(1),
    "by one, twice": _list(lambda them: them.__setitem__(1, them[0])),
    "by two, in another order": _list(lambda them: them.reverse()),
    "by two, with each other's signature": _list(
        lambda them: them.__setitem__(
            slice(None),
            [{**a, "signature": b["signature"]} for a, b in zip(them, them[::-1], strict=True)],
        )
    ),
    "by two and a third that does not hold": _list(lambda them: them.append({**them[1], "trustee": 3})),
    "by a fourth of three": _list(lambda them: them[1].update(trustee=4)),
    "by member 0": _list(lambda them: them[0].update(trustee=0)),
    "by a sixteenth": _list(lambda them: them[1].update(trustee=16)),
    "by the box": _over(_right, lambda vote, _, message: receipt_key.sign(vote.box_seed, message)),
    "by members of another vote": _over(
        _right, lambda _, i, message: a_vote("second").sheets[i].sign(message)
    ),
    "over another manifest": _over(
        lambda v, them: transcript("certificate", bytes(32), v.plan.board, v.plan.digest, *them)
    ),
    "over another board": _over(
        lambda v, them: transcript("certificate", v.manifest.hash, bytes(32), v.plan.digest, *them)
    ),
    "over another plan": _over(
        lambda v, them: transcript("certificate", v.manifest.hash, v.plan.board, bytes(32), *them)
    ),
    "over the four hashes alone": _over(lambda _, them: transcript("certificate", *them)),
    "over three of the four": _over(lambda v, them: _right(v, them[:3])),
    "over two papers exchanged": _over(lambda v, them: _right(v, [them[1], them[0], *them[2:]])),
    "naming two papers exchanged": _over(
        _right, results=_member("attendance.json"), attendance=_member("results.json")
    ),
    "naming the minutes for their text": _over(_right, text=_member("minutes.json")),
    "naming a text with other line ends": _over(
        _right, text=lambda v: sha256(v.members["minutes.txt"].replace(b"\n", b"\r\n")).digest()
    ),
    "naming an empty text": _over(_right, text=lambda _: sha256(b"").digest()),
    "naming the papers of another vote": _over(
        _right, minutes=lambda _: sha256(a_vote("second").members["minutes.json"]).digest()
    ),
    "under the label of version 1": _over(_of_version_1),
    "under the label of a cosignature": _over(
        lambda v, them: transcript("cosign", v.manifest.hash, v.plan.board, v.plan.digest, *them)
    ),
    "over the hash of the message": _over(lambda v, them: sha256(_right(v, them)).digest()),
    "S above the order": _list(lambda them: them[0].update(signature=_plus_order(them[0]["signature"]))),
    "a signature of noughts": _list(lambda them: them[0].update(signature="00" * 64)),
    "a signature in capitals": _list(lambda them: them[0].update(signature=them[0]["signature"].upper())),
    "half a signature": _list(lambda them: them[0].update(signature=them[0]["signature"][:64])),
    "a hash in capitals": _as(lambda it: it.update(results=it["results"].upper())),
    "of version 1": _as(lambda it: it.update(format="tin-nhiem/certificate/1")),
    "with one signature as in version 1": (
        "13.6",
        lambda vote: {
            **vote.members,
            "certificate.json": canonical.encode(_flat(json.loads(vote.members["certificate.json"]))),
        },
    ),
    "with signatures by name": _as(
        lambda it: it.update(signatures={str(s["trustee"]): s["signature"] for s in it["signatures"]})
    ),
    "with a time": _as(lambda it: it.update(at="2026-11-02T10:50:00Z")),
}


def _flat(document: dict[str, Any]) -> dict[str, Any]:
    (first, *_) = document.pop("signatures")
    return {**document, **first}
