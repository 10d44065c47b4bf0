"""Clauses 10 and 13.6: the board's tree, its signed checkpoint, the certificate."""

from __future__ import annotations

import base64
import json

from surveys.protocol import merkle
from surveys.protocol.board import leaf_of
from surveys.protocol.certificate import Certified, certificate_of, decode_certificate
from surveys.protocol.checkpoint import Checkpoint, decode_checkpoint, note_signature, sign_off
from surveys.protocol.secret import receipt_key
from tests.vectors.book import Book, randomness
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote


@reads("10.2-root")
def read_root(given: Given) -> Values:
    """Leaves → tree head (RFC 6962 §2.1)."""
    return {"root": merkle.root(given.raws("leaves")).hex()}


@reads("10.2-inclusion")
def read_inclusion(given: Given) -> Values:
    """A leaf, its index, the tree's size and head, the proof → nothing."""
    merkle.check_inclusion(
        given.raw("leaf"), given.number("index"), given.number("size"), given.raws("proof"), given.raw("root")
    )
    return {}


@reads("10.2-inclusion-proof")
def read_inclusion_proof(given: Given) -> Values:
    """Leaves and an index → the proof."""
    return {"proof": [p.hex() for p in merkle.inclusion_proof(given.raws("leaves"), given.number("index"))]}


@reads("10.2-consistency")
def read_consistency(given: Given) -> Values:
    """Two sizes and heads, the proof → nothing."""
    merkle.check_consistency(
        given.number("first"),
        given.number("second"),
        given.raw("root1"),
        given.raw("root2"),
        given.raws("proof"),
    )
    return {}


@reads("10.2-consistency-proof")
def read_consistency_proof(given: Given) -> Values:
    """Leaves and the size of the earlier tree → the proof."""
    return {"proof": [p.hex() for p in merkle.consistency_proof(given.raws("leaves"), given.number("first"))]}


@reads("10.2-checkpoint")
def read_checkpoint(given: Given) -> Values:
    """A note → what it says."""
    note = decode_checkpoint(given.document("note"))
    return {
        "origin": note.checkpoint.origin,
        "size": note.checkpoint.size,
        "root": note.checkpoint.root.hex(),
        "extensions": list(note.checkpoint.extensions),
        "body": note.checkpoint.body().hex(),
        "signatures": [
            {"name": s.name, "id": s.key_id.hex(), "signature": s.signature.hex()} for s in note.signatures
        ],
    }


@reads("10.3-box-signature")
def read_box_signature(given: Given) -> Values:
    """A note, a name, a key → nothing."""
    note = decode_checkpoint(given.document("note"))
    note.check_signature(given.text("signer"), given.raw("key"), check="10.3")
    return {}


@reads("10.4-cosignature")
def read_cosignature(given: Given) -> Values:
    """A note, a trustee's name and signing key → nothing."""
    note = decode_checkpoint(given.document("note"))
    note.check_signature(given.text("signer"), given.raw("key"), check="10.4")
    return {}


@reads("13.6-certificate")
def read_certificate(given: Given) -> Values:
    """The certificate file, M, root, P and the hashes of the four files, the signing keys, t → what was
    signed.
    """
    certificate = decode_certificate(given.document("certificate"))
    names = ("manifest", "board", "plan", "results", "attendance", "minutes", "text")
    certified = Certified(*(given.raw(name) for name in names))
    certificate.check(certified, given.raws("keys"), given.number("threshold"))
    return {"message": certified.message().hex()}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of clauses 10 and 13.6."""
    _tree(book, vote)
    _notes(book, vote)
    _certificates(book, vote)


def _tree(book: Book, vote: Vote) -> None:
    board = [leaf_of(ballot.raw).hex() for ballot in vote.board]
    made = book.good("10.2-root", "board", "the small vote in the order of digests", leaves=board)
    assert made["root"] == vote.plan.board.hex()
    book.good("10.2-root", "board reversed", "the order counts", leaves=board[::-1])
    take = randomness("tree")
    leaves = [take(5).hex() for _ in range(7)]
    for index in (0, 3, 6):
        proof = book.good(
            "10.2-inclusion-proof", f"leaf {index} of 7", "RFC 6962, 2.1.1", leaves=leaves, index=index
        )["proof"]
        root = merkle.root([bytes.fromhex(leaf) for leaf in leaves]).hex()
        given: Values = {"index": index, "size": 7, "proof": proof, "root": root}
        book.good("10.2-inclusion", f"leaf {index} of 7", "leads to the root", leaf=leaves[index], **given)
        refused = ("Inconsistent", "10.2")
        book.bad(
            "10.2-inclusion",
            f"not leaf {index} of 7",
            "another leaf",
            refused,
            leaf=leaves[index - 1],
            **given,
        )
        node = {**given, "leaf": leaves[index], "index": 7}
        book.bad("10.2-inclusion", f"outside from {index}", "index below the size", refused, **node)
    for first in (1, 4, 6, 7):
        book.good("10.2-consistency-proof", f"{first} to 7", "RFC 6962, 2.1.2", leaves=leaves, first=first)


def _notes(book: Book, vote: Vote) -> None:
    origin = f"tin-nhiem/{vote.definition.round_id}"
    note = Checkpoint(origin, 8, vote.plan.board, (f"manifest {vote.manifest.hash.hex()}",))
    box_key = vote.definition.box_key
    lines = [note_signature(origin, box_key, receipt_key.sign(vote.box_seed, note.body()))]
    names = [f"{origin}/trustee-{i}" for i in (1, 2, 3)]
    keys = [commit.sign_key for commit in vote.ceremony.commits]
    for sheet, name, key in zip(vote.sheets[:2], names, keys, strict=False):
        lines.append(note_signature(name, key, sheet.sign(note.body())))
    text = sign_off(note, lines).encode().decode()
    folder = "10.2-checkpoint"
    book.good(folder, "plain", "the small vote", note=text)
    root = base64.b64encode(vote.plan.board).decode()
    spare = root[:-2] + chr(ord(root[-2]) + 1) + "="
    for name, why, changed in (
        ("no signature", "at least one", text.partition("\n\n")[0] + "\n\n"),
        ("no empty line", "between body and signatures", text.replace("\n\n", "\n")),
        ("carriage returns", "line feeds", text.replace("\n", "\r\n")),
        ("last line feed missing", "each line ends", text[:-1]),
        ("size with zero", "one form", text.replace("\n8\n", "\n08\n", 1)),
        ("size with sign", "one form", text.replace("\n8\n", "\n+8\n", 1)),
        ("size in other digits", "ASCII digits", text.replace("\n8\n", "\n\u0668\n", 1)),
        ("size negative", "a number", text.replace("\n8\n", "\n-8\n", 1)),
        ("root short", "32 bytes", text.replace(root, base64.b64encode(bytes(31)).decode())),
        ("root with spare bits", "one form", text.replace(root, spare)),
        ("root without padding", "one form", text.replace(root, root.rstrip("="))),
        ("hyphen", "an em dash", text.replace("—", "-")),
        ("two spaces", "one space", text.replace("— ", "—  ")),
        ("tab", "no control character", text.replace("— ", "—\t")),
        ("empty", "a note", ""),
        ("signature short", "4 and 64 bytes", text[:-5] + "\n"),
        ("empty line more", "none", text + "\n"),
    ):
        book.bad(folder, name, why, ("Malformed", "10.2"), note=changed)
    box: Values = {"signer": origin, "key": box_key.hex()}
    book.good("10.3-box-signature", "plain", "by the box", note=text, **box)
    one: Values = {"signer": names[0], "key": "@sign_key1"}
    book.good("10.4-cosignature", "trustee 1", "by the trustee's signing key", note=text, **one)
    book.good(
        "10.4-cosignature",
        "trustee 2",
        "the order does not count",
        note=text,
        signer=names[1],
        key="@sign_key2",
    )
    for check, folder, who in (("10.3", "10.3-box-signature", box), ("10.4", "10.4-cosignature", one)):
        sign, missing = ("BadSignature", check), ("Missing", check)
        book.bad(folder, "other size", "the size is signed", sign, note=text.replace("\n8\n", "\n7\n"), **who)
        zero = text.replace(root, base64.b64encode(bytes(32)).decode())
        book.bad(folder, "other root", "the root is signed", sign, note=zero, **who)
        other = text.replace(vote.manifest.hash.hex(), vote.definition.digest.hex())
        book.bad(folder, "other manifest", "the extension is signed", sign, note=other, **who)
        no_line = text.replace(f"manifest {vote.manifest.hash.hex()}\n", "")
        book.bad(folder, "without manifest", "the extension is signed", sign, note=no_line, **who)
        book.bad(folder, "other key", "this key", missing, note=text, signer=who["signer"], key="@sign_key3")
        book.bad(folder, "other name", "this name", missing, note=text, signer=names[2], key=who["key"])
    # A signature by the right key under another's name: the name is in the key id.
    renamed = sign_off(note, [lines[0], note_signature(names[0], keys[1], lines[2].signature)]).encode()
    book.bad(
        "10.4-cosignature",
        "name of another",
        "each under its name",
        ("Missing", "10.4"),
        note=renamed.decode(),
        **one,
    )


def _certificates(book: Book, vote: Vote) -> None:
    take = randomness("certificate")
    hashes = [take(32) for _ in range(4)]
    certified = Certified(vote.manifest.hash, vote.plan.board, vote.plan.digest, *hashes)
    signed = {sheet.trustee: sheet.sign(certified.message()) for sheet in vote.sheets}
    made = certificate_of(certified, {i: signed[i] for i in (1, 3)})
    files = dict(zip(("results", "attendance", "minutes", "text"), (h.hex() for h in hashes), strict=True))
    text = made.encode().decode()
    given: Values = {
        "certificate": text,
        "manifest": "@manifest_hash",
        "board": "@board_root",
        "plan": "@plan_hash",
        "keys": [commit.sign_key.hex() for commit in vote.ceremony.commits],
        "threshold": 2,
        **files,
    }
    folder, sign = "13.6-certificate", ("BadSignature", "13.6")
    book.good(folder, "plain", "by two of three", **given)
    everybody = certificate_of(certified, signed).encode().decode()
    book.good(folder, "all three", "t are enough, more may sign", **{**given, "certificate": everybody})
    for name in ("manifest", "board", "plan"):
        book.bad(folder, f"other {name}", "each hash is signed", sign, **{**given, name: "00" * 32})
    for name in files:
        other = ("Inconsistent", "13.6")
        book.bad(folder, f"other {name}", "of the files at hand", other, **{**given, name: "00" * 32})
        zero = {"of": text, "set": {name: "00" * 32}}
        renamed = {**given, name: "00" * 32, "certificate": zero}
        book.bad(folder, f"other {name} everywhere", "each hash is signed", sign, **renamed)
    keys = given["keys"]
    book.bad(folder, "other key", "the trustee's key", sign, **{**given, "keys": [*keys[1:], keys[0]]})
    exchanged = {**given, "results": files["minutes"], "minutes": files["results"]}
    swapped = {"of": text, "set": {"results": files["minutes"], "minutes": files["results"]}}
    book.bad(
        folder, "files exchanged", "their order is signed", sign, **{**exchanged, "certificate": swapped}
    )
    one = certificate_of(certified, {1: signed[1]}).encode().decode()
    missing = ("Missing", "13.6")
    book.bad(folder, "one of three", "t signatures", missing, **{**given, "certificate": one})
    few = {"of": text, "set": {"signatures": []}}
    book.bad(folder, "none", "t signatures", missing, **{**given, "certificate": few})
    book.bad(folder, "no such trustee", "trustee 3 of 2", missing, **{**given, "keys": keys[:2]})
    for name, order in (("twice", (0, 0)), ("order", (1, 0))):
        listed = [json.loads(text)["signatures"][i] for i in order]
        wrong = {"of": text, "set": {"signatures": listed}}
        book.bad(
            folder, name, "each once, ascending", ("Inconsistent", "13.6"), **{**given, "certificate": wrong}
        )
    form = ("Malformed", "13.6")
    for name, path, value in (
        ("format", "format", "tin-nhiem/certificate/1"),
        ("trustee 0", "signatures/0/trustee", 0),
        ("hash short", "text", "00"),
        ("signature short", "signatures/0/signature", "00" * 63),
        ("field too many", "more", 1),
    ):
        certificate = {"of": text, "set": {path: value}}
        book.bad(folder, name, "form", form, **{**given, "certificate": certificate})
