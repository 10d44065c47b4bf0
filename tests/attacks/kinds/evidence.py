"""What voters hold and ask for: receipts that are forged or only look like one, and look-up answers of a
server that lies (9.5, 15.5).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from surveys.audit.receipts import SealedBoard, Verdict, find_receipt, judge
from surveys.protocol import merkle
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.board import Stretch, leaf_of, place_in
from surveys.protocol.checkpoint import decode_checkpoint, note_signature, sign_off
from surveys.protocol.errors import Inconsistent, Malformed, Rejected
from surveys.protocol.group import ORDER
from surveys.protocol.look_up import entries_of, look_up_entry, unveil
from surveys.protocol.manifest import Manifest
from surveys.protocol.receipt import Promise, receipt_message
from surveys.protocol.secret import receipt_key
from surveys.protocol.transcript import lp, u32
from tests.audit.build import Vote, a_vote

Bucket = Mapping[str, Any]
NOWHERE = bytes(range(10))
TARGET = 7
"""The ballot, by its place on the board, that is looked up."""


def promised(vote: Vote, place: int = TARGET) -> Promise:
    """The box's receipt of the ballot at this place."""
    ballot = decode_ballot(vote.ballots[place], vote.manifest)
    return signed(vote, Promise(vote.manifest.hash, ballot.digest, ballot.key, ballot.sequence, b""))


def signed(vote: Vote, promise: Promise) -> Promise:
    """The same, by this vote's box."""
    message = receipt_message(promise.manifest, promise.digest, promise.key, promise.sequence)
    return replace(promise, signature=receipt_key.sign(vote.box_seed, message))


def _but(**values: Any) -> Callable[[Vote], str]:
    return lambda vote: replace(promised(vote), **values).write()


def _written(change: Callable[[str], str]) -> Callable[[Vote], str]:
    return lambda vote: change(promised(vote).write())


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Vote], str]:
    def write(vote: Vote) -> str:
        one = promised(vote)
        raw = one.manifest + one.digest + one.key + u32(one.sequence) + one.signature
        return "TNR1." + urlsafe_b64encode(change(raw)).decode().rstrip("=")

    return write


def _by(seed: Callable[[Vote], bytes]) -> Callable[[Vote], str]:
    def write(vote: Vote) -> str:
        one = promised(vote)
        message = receipt_message(one.manifest, one.digest, one.key, one.sequence)
        return replace(one, signature=receipt_key.sign(seed(vote), message)).write()

    return write


def _over(message: Callable[[Promise], bytes]) -> Callable[[Vote], str]:
    def write(vote: Vote) -> str:
        one = promised(vote)
        return replace(one, signature=receipt_key.sign(vote.box_seed, message(one))).write()

    return write


def _of_version_1(one: Promise) -> bytes:
    return b"".join(map(lp, (b"tin-nhiem/v1/receipt", one.manifest, one.digest)))


def _plus_order(raw: bytes) -> bytes:
    return raw[:-32] + (int.from_bytes(raw[-32:], "little") + ORDER).to_bytes(32, "little")


UNREADABLE = "unreadable"
RECEIPTS: Mapping[str, tuple[str, Callable[[Vote], str]]] = {
    "nothing": (UNREADABLE, lambda _: ""),
    "a prefix alone": (UNREADABLE, lambda _: "TNR1."),
    "another version": (UNREADABLE, _written(lambda it: it.replace("TNR1.", "TNR2."))),
    "a Cyrillic letter in front": (UNREADABLE, _written(lambda it: "\u0422" + it[1:])),
    "a full-width point": (UNREADABLE, _written(lambda it: it.replace(".", "\uff0e"))),
    "a zero-width space inside": (UNREADABLE, _written(lambda it: it[:90] + "\u200b" + it[90:])),
    "a soft hyphen inside": (UNREADABLE, _written(lambda it: it[:90] + "\u00ad" + it[90:])),
    "a line break inside": (UNREADABLE, _written(lambda it: it[:90] + "\n" + it[90:])),
    "a tag inside": (UNREADABLE, _written(lambda it: it[:90] + "<wbr>" + it[90:])),
    "a NUL inside": (UNREADABLE, _written(lambda it: it[:90] + "\0" + it[91:])),
    "percent signs for its dashes": (UNREADABLE, _written(lambda it: it[:90] + "%2D" + it[93:])),
    "full-width letters": (UNREADABLE, _written(lambda it: it[:90] + chr(0xFF21) + it[91:])),
    "one byte less": (UNREADABLE, _bytes(lambda raw: raw[:-1])),
    "one byte more": (UNREADABLE, _bytes(lambda raw: raw + b"\0")),
    "two receipts": (UNREADABLE, lambda vote: f"{promised(vote).write()} {promised(vote, 3).write()}"),
    "a true one and an altered one": (
        UNREADABLE,
        lambda vote: f"{promised(vote).write()} {_but(sequence=9)(vote)}",
    ),
    "sequence 0": (UNREADABLE, _but(sequence=0)),
    "of another vote": ("another", lambda _: promised(a_vote("second")).write()),
    "of another vote, signed by this box": (
        "another",
        lambda vote: signed(vote, promised(a_vote("second"))).write(),
    ),
    "another ballot": ("forged", _but(digest=bytes(32))),
    "another ballot key": ("forged", _but(key=bytes(32))),
    "a higher sequence": ("forged", _but(sequence=2**32 - 1)),
    "a signature of noughts": ("forged", _but(signature=bytes(64))),
    "S above the order": ("forged", _bytes(_plus_order)),
    "R of another sign": ("forged", _bytes(lambda raw: raw[:131] + bytes([raw[131] ^ 0x80]) + raw[132:])),
    "signed by a member": ("forged", lambda v: replace(promised(v), signature=v.sheets[0].sign(b"")).write()),
    "signed by the box of another vote": ("forged", _by(lambda _: a_vote("second").box_seed)),
    "signed by the voter": ("forged", _by(lambda vote: vote.papers[0][0].seed)),
    "signed without key and sequence, as in version 1": ("forged", _over(_of_version_1)),
    "signed over the digest alone": ("forged", _over(lambda one: one.digest)),
    "of a ballot that was never cast": ("missing", lambda v: signed(v, _new(v)).write()),
    "of a ballot that its voter replaced": ("replaced", lambda v: signed(v, _earlier(v)).write()),
}


def _new(vote: Vote) -> Promise:
    return Promise(vote.manifest.hash, bytes(32), b"1" * 32, 1, b"")


def _earlier(vote: Vote) -> Promise:
    later = max((decode_ballot(raw, vote.manifest) for raw in vote.ballots), key=lambda each: each.sequence)
    return Promise(vote.manifest.hash, b"1" * 32, later.key, later.sequence - 1, b"")


def judged(text: str, vote: Vote) -> str:
    """What the command says of a receipt and the whole board."""
    try:
        promise = find_receipt(text)
    except Malformed as refusal:
        return UNREADABLE if refusal.check == "9.5" else refusal.check
    found = judge(promise, SealedBoard(vote.manifest, vote.ballots)).verdict
    return "board" if found is Verdict.COUNTED else found.value


def sealed(vote: Vote, first: int = 0, end: int | None = None) -> dict[str, Any]:
    """The honest answer of 15.5 over this stretch of the board."""
    leaves = [leaf_of(raw) for raw in vote.ballots]
    end = len(leaves) if end is None else end
    proof = merkle.range_proof([merkle.leaf_hash(leaf) for leaf in leaves], first, end)
    return {
        "checkpoint": vote.checkpoint.encode().decode(),
        "first": first,
        "leaves": [leaf.hex() for leaf in leaves[first:end]],
        "proof": [node.hex() for node in proof],
    }


def tracker_of(vote: Vote) -> bytes:
    """The tracker that is looked up."""
    return decode_ballot(vote.ballots[TARGET], vote.manifest).tracker


def veiled(vote: Vote) -> dict[str, Any]:
    """The honest answer before sealing: the ballot is in the box."""
    salt, voters = bytes(range(16)), sum(panel.voters for panel in vote.definition.panels)
    rest = [bytes([i]) * 8 for i in range(1, entries_of(voters))]
    entries = sorted([look_up_entry(salt, tracker_of(vote)), *rest])
    return {"salt": salt.hex(), "entries": b"".join(entries).hex()}


def look(answer: Bucket, tracker: bytes, manifest: Manifest) -> str:
    """The clause, with the core in Python: where the ballot is, or which check refuses the answer."""
    try:
        return _look(answer, tracker, manifest)
    except Rejected as refusal:
        return refusal.check


def _look(answer: Bucket, tracker: bytes, manifest: Manifest) -> str:
    definition = manifest.definition
    if "checkpoint" not in answer:
        voters = sum(panel.voters for panel in definition.panels)
        found = unveil(_octets(answer.get("salt")), _octets(answer.get("entries")), voters)
        return "box" if found.holds(tracker) else "nowhere"
    if not isinstance(answer["checkpoint"], str):
        raise Malformed(check="15.5", where="checkpoint", why="not a text")
    note = decode_checkpoint(answer["checkpoint"].encode())
    name = f"tin-nhiem/{definition.round_id}"
    if (note.checkpoint.origin, note.checkpoint.extensions) != (name, (f"manifest {manifest.hash.hex()}",)):
        raise Inconsistent(check="10.2", where="checkpoint", why="of another vote")
    note.check_signature(name, definition.box_key, check="10.3")
    stretch = Stretch(answer["first"], *(_list(answer.get(each)) for each in ("leaves", "proof")))
    place = place_in(stretch, tracker, note.checkpoint.size, note.checkpoint.root)
    return "missing" if place is None else "board"


def _list(given: Any) -> tuple[bytes, ...]:
    if not isinstance(given, list):
        raise Malformed(check="15.5", where="leaves", why="not a list")
    return tuple(map(_octets, given))


def _octets(given: Any) -> bytes:
    if not isinstance(given, str) or set(given) - set("0123456789abcdef") or len(given) % 2:
        raise Malformed(check="15.5", where="entries", why="not hex")
    return bytes.fromhex(given)


def _sealed(
    change: Callable[[dict[str, Any]], object], first: int = 5, end: int = 10
) -> Callable[[Vote], Bucket]:
    def make(vote: Vote) -> Bucket:
        answer = sealed(vote, first, end)
        change(answer)
        return answer

    return make


def _set(name: str, change: Callable[[Any], Any]) -> Callable[[Vote], Bucket]:
    return _sealed(lambda answer: answer.update({name: change(answer[name])}))


def _note(make: Callable[[Vote], bytes]) -> Callable[[Vote], Bucket]:
    return lambda vote: {**sealed(vote, 5, 10), "checkpoint": make(vote).decode()}


def _box_alone(vote: Vote, **values: Any) -> bytes:
    """The box signs another head."""
    note = replace(vote.checkpoint.checkpoint, **values)
    name = f"tin-nhiem/{vote.definition.round_id}"
    key = receipt_key.public_key(vote.box_seed)
    return sign_off(note, [note_signature(name, key, receipt_key.sign(vote.box_seed, note.body()))]).encode()


def _veil(change: Callable[[dict[str, Any]], object]) -> Callable[[Vote], Bucket]:
    def make(vote: Vote) -> Bucket:
        answer = veiled(vote)
        change(answer)
        return answer

    return make


def _entries(change: Callable[[list[str]], object]) -> Callable[[Vote], Bucket]:
    def alter(answer: dict[str, Any]) -> None:
        cut = [answer["entries"][at : at + 16] for at in range(0, len(answer["entries"]), 16)]
        change(cut)
        answer["entries"] = "".join(cut)

    return _veil(alter)


def _unsorted(vote: Vote) -> Bucket:
    """A whole board that the box signed, on which two ballots stand in the wrong order."""
    leaves = [leaf_of(raw) for raw in vote.ballots]
    leaves[0], leaves[1] = leaves[1], leaves[0]
    assert not all(a < b for a, b in pairwise(leaves))
    root = merkle.root_of_hashes([merkle.leaf_hash(leaf) for leaf in leaves])
    note = _box_alone(vote, root=root).decode()
    return {"checkpoint": note, "first": 0, "leaves": [leaf.hex() for leaf in leaves], "proof": []}


def _nothing(whole: int) -> Callable[[Vote], Bucket]:
    """A stretch of no leaves, before the first or behind the last: the head alone leads to the head."""

    def make(vote: Vote) -> Bucket:
        size, root = len(vote.ballots), vote.checkpoint.checkpoint.root.hex()
        return {**sealed(vote), "first": whole * size, "leaves": [], "proof": [root]}

    return make


def _last_digit(node: str) -> str:
    return node[:-1] + ("1" if node[-1] == "0" else "0")


LOOK_UPS: Mapping[str, tuple[str, Callable[[Vote], Bucket]]] = {
    "the ballot left out and the rest joined": ("10.2", _set("leaves", lambda it: it[:2] + it[3:])),
    "the stretch cut before the ballot": ("15.5", lambda v: sealed(v, 3, TARGET)),
    "the stretch begun behind the ballot": ("15.5", lambda v: sealed(v, TARGET + 1, 12)),
    "no leaves": ("10.2", _set("leaves", lambda _: [])),
    "no leaves, and the root for a proof": ("15.5", _nothing(0)),
    "no leaves at the end, and the root for a proof": ("15.5", _nothing(1)),
    "one leaf more": ("10.2", _set("leaves", lambda it: [*it, it[-1]])),
    "two leaves exchanged": ("10.2", _set("leaves", lambda it: [it[1], it[0], *it[2:]])),
    "another digest": ("10.2", _set("leaves", lambda it: ["00" * 32 + it[0][64:], *it[1:]])),
    "another ballot under the digest": (
        "10.2",
        _set("leaves", lambda it: [*it[:2], _last_digit(it[2]), *it[3:]]),
    ),
    "leaves of 63 bytes": ("15.5", _set("leaves", lambda it: [each[:-2] for each in it])),
    "leaves of digests alone": ("15.5", _set("leaves", lambda it: [each[:64] for each in it])),
    "leaves in capitals": ("15.5", _set("leaves", lambda it: [each.upper() for each in it])),
    "leaves with half a byte": ("15.5", _set("leaves", lambda it: [it[0][:-1], *it[1:]])),
    "leaves that are numbers": ("15.5", _set("leaves", lambda it: [1, *it[1:]])),
    "leaves in one text": ("15.5", _set("leaves", "".join)),
    "no word of leaves": ("15.5", _sealed(lambda it: it.pop("leaves"))),
    "a place before": ("10.2", _set("first", lambda it: it - 1)),
    "a place behind": ("10.2", _set("first", lambda it: it + 1)),
    "a place below zero": ("10.2", _set("first", lambda _: -1)),
    "a place beyond the board": ("10.2", _set("first", lambda _: 10**6)),
    "a proof without its last node": ("10.2", _set("proof", lambda it: it[:-1])),
    "a proof with a node more": ("10.2", _set("proof", lambda it: [*it, it[-1]])),
    "a proof turned round": ("10.2", _set("proof", lambda it: it[::-1])),
    "a proof with another node": ("10.2", _set("proof", lambda it: [_last_digit(it[0]), *it[1:]])),
    "no proof": ("10.2", _set("proof", lambda _: [])),
    "a proof in capitals": ("15.5", _set("proof", lambda it: [each.upper() for each in it])),
    "a proof that is null": ("15.5", _set("proof", lambda _: None)),
    "a checkpoint of another vote": ("10.2", _note(lambda _: a_vote("second").checkpoint.encode())),
    "a checkpoint of another manifest": (
        "10.2",
        _note(lambda v: _box_alone(v, extensions=(f"manifest {bytes(32).hex()}",))),
    ),
    "a checkpoint with a line more": (
        "10.2",
        _note(lambda v: _box_alone(v, extensions=(*v.checkpoint.checkpoint.extensions, "more"))),
    ),
    "a checkpoint of another origin": ("10.2", _note(lambda v: _box_alone(v, origin="example.org"))),
    "a checkpoint of another root": ("10.2", _note(lambda v: _box_alone(v, root=bytes(32)))),
    "a checkpoint of half the board": ("10.2", _note(lambda v: _box_alone(v, size=len(v.ballots) // 2))),
    "a checkpoint of twice the board": ("10.2", _note(lambda v: _box_alone(v, size=len(v.ballots) * 2))),
    "a checkpoint of an empty board": ("10.2", _note(lambda v: _box_alone(v, size=0))),
    "a checkpoint that only members signed": (
        "10.3",
        _note(lambda v: sign_off(v.checkpoint.checkpoint, v.checkpoint.signatures[1:]).encode()),
    ),
    "a checkpoint whose root was changed after signing": (
        "10.3",
        _note(
            lambda v: sign_off(
                replace(v.checkpoint.checkpoint, root=bytes(32)), v.checkpoint.signatures
            ).encode()
        ),
    ),
    "a checkpoint that is a number": ("15.5", _set("checkpoint", lambda _: 1)),
    "a checkpoint that is empty": ("10.2", _set("checkpoint", lambda _: "")),
    "a board out of order": ("15.5", _unsorted),
    "a salt of fifteen bytes": ("15.5", _veil(lambda it: it.update(salt=it["salt"][2:]))),
    "a salt of seventeen bytes": ("15.5", _veil(lambda it: it.update(salt=it["salt"] + "00"))),
    "a salt in capitals": ("15.5", _veil(lambda it: it.update(salt=it["salt"].upper()))),
    "no salt": ("15.5", _veil(lambda it: it.pop("salt"))),
    "an entry less": ("15.5", _entries(lambda it: it.pop())),
    "an entry more": ("15.5", _entries(lambda it: it.append("f" * 16))),
    "entries out of order": ("15.5", _entries(lambda it: it.reverse())),
    "entries with half a byte": ("15.5", _veil(lambda it: it.update(entries=it["entries"][:-1]))),
    "entries of no hexadecimal": ("15.5", _veil(lambda it: it.update(entries="g" + it["entries"][1:]))),
    "entries in a list": ("15.5", _veil(lambda it: it.update(entries=[it["entries"]]))),
    "neither of both": ("15.5", lambda _: {}),
    "entries under another salt": ("nowhere", _veil(lambda it: it.update(salt="00" * 16))),
}
