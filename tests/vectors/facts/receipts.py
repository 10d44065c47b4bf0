"""Clauses 9 and 15.5: receipts, a board's leaves, and the look-up of a tracker."""

from __future__ import annotations

from dataclasses import replace

from surveys.protocol import merkle
from surveys.protocol.board import Stretch, leaf_of, place_in
from surveys.protocol.group import ORDER
from surveys.protocol.look_up import look_up_entry
from surveys.protocol.receipt import Promise, read_promise, receipt_message
from surveys.protocol.secret import receipt_key
from tests.vectors.book import Book
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote


@reads("9.3-own-receipt")
def read_own_receipt(given: Given) -> Values:
    """Box seed, M, digest, ballot key, sequence → box key, message, receipt."""
    seed, m, digest = given.raw("seed"), given.raw("manifest"), given.raw("digest")
    key, sequence = given.raw("ballot_key"), given.number("sequence")
    return {
        "key": receipt_key.public_key(seed).hex(),
        "message": receipt_message(m, digest, key, sequence).hex(),
        "receipt": receipt_key.sign_receipt(seed, m, digest, key, sequence).hex(),
    }


@reads("9.3-receipt")
def read_receipt(given: Given) -> Values:
    """Box key, M, digest, ballot key, sequence, receipt → nothing."""
    names = given.raw("manifest"), given.raw("digest"), given.raw("ballot_key")
    Promise(*names, given.number("sequence"), given.raw("receipt")).check(given.raw("key"))
    return {}


@reads("9.5-written")
def read_written(given: Given) -> Values:
    """A receipt in writing → what it says."""
    promise = read_promise(given.text("text"))
    return {
        "manifest": promise.manifest.hex(),
        "digest": promise.digest.hex(),
        "ballot_key": promise.key.hex(),
        "sequence": promise.sequence,
        "receipt": promise.signature.hex(),
    }


@reads("10.2-leaf")
def read_leaf(given: Given) -> Values:
    """A ballot's bytes → its leaf."""
    return {"leaf": leaf_of(given.raw("ballot")).hex()}


@reads("15.5-bucket")
def read_bucket(given: Given) -> Values:
    """A stretch of the board, its size and root, a tracker → its place, or null."""
    stretch = Stretch(given.number("first"), tuple(given.raws("leaves")), tuple(given.raws("proof")))
    return {"place": place_in(stretch, given.raw("tracker"), given.number("size"), given.raw("root"))}


@reads("15.5-entry")
def read_entry(given: Given) -> Values:
    """A salt and a tracker → the entry that says that it is in the box."""
    return {"entry": look_up_entry(given.raw("salt"), given.raw("tracker")).hex()}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of clauses 9 and 15.5."""
    _receipts(book, vote)
    _look_ups(book, vote)


def _receipts(book: Book, vote: Vote) -> None:
    seed, ballot = vote.box_seed, vote.ballots[0]
    digest = ballot.digest
    made = book.good(
        "9.3-own-receipt",
        "plain",
        "no time, no order",
        seed=seed.hex(),
        manifest="@manifest_hash",
        digest=digest.hex(),
        ballot_key=ballot.key.hex(),
        sequence=ballot.sequence,
    )
    receipt = made["receipt"]
    given: Values = {
        "key": made["key"],
        "manifest": "@manifest_hash",
        "digest": digest.hex(),
        "ballot_key": ballot.key.hex(),
        "sequence": ballot.sequence,
        "receipt": receipt,
    }
    book.good("9.3-receipt", "plain", "by the box", **given)
    s = (int.from_bytes(bytes.fromhex(receipt[64:]), "little") + ORDER).to_bytes(32, "little").hex()
    for name, change in (
        ("other ballot", {"digest": vote.ballots[1].digest.hex()}),
        ("other vote", {"manifest": "@definition_hash"}),
        ("other key", {"key": "@sign_key1"}),
        ("other ballot key", {"ballot_key": vote.ballots[1].key.hex()}),
        ("other sequence", {"sequence": ballot.sequence + 1}),
        ("other signature", {"receipt": vote.ballots[0].signature.hex()}),
        ("S plus order", {"receipt": receipt[:64] + s}),
        ("short", {"receipt": receipt[2:]}),
    ):
        book.bad(
            "9.3-receipt", name, "this ballot, this vote", ("BadSignature", "9.3"), **{**given, **change}
        )
    promise = Promise(vote.manifest.hash, digest, ballot.key, ballot.sequence, bytes.fromhex(receipt))
    text = promise.write()
    book.good("9.5-written", "plain", "what stands on a saved receipt", text=text)
    last = text[:-1] + chr(ord(text[-1]) + 1)
    refused = ("Malformed", "9.5")
    for name, why, written in (
        ("lower case prefix", "one way to write it", "tnr1." + text[5:]),
        ("padded", "no padding", text + "="),
        ("cut", "164 bytes", text[:-4]),
        ("longer", "164 bytes", text + "AAAA"),
        ("spare bits", "the last character has two spare bits, which are zero", last),
        ("space inside", "nothing is skipped", text[:60] + " " + text[60:]),
        ("standard alphabet", "base64url, not base64", text[:60] + "+" + text[61:]),
        ("sequence 0", "from 1", replace(promise, sequence=0).write()),
    ):
        book.bad("9.5-written", name, why, refused, text=written)


def _look_ups(book: Book, vote: Vote) -> None:
    for i in range(2):
        book.good("10.2-leaf", f"ballot {i}", "digest before the hash of all bytes", ballot=f"@ballot{i}")
    leaves = [leaf_of(ballot.raw) for ballot in vote.board]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    size, root = len(leaves), merkle.root_of_hashes(hashes).hex()

    def bucket(first: int, end: int, tracker: bytes, **change: object) -> Values:
        found = merkle.range_proof(hashes, first, end)
        return {
            "first": first,
            "leaves": [leaf.hex() for leaf in leaves[first:end]],
            "proof": [node.hex() for node in found],
            "size": size,
            "root": root,
            "tracker": tracker.hex(),
            **change,
        }

    trackers = [ballot.tracker for ballot in vote.board]
    folder, nowhere = "15.5-bucket", (int.from_bytes(trackers[3], "big") + 1).to_bytes(10, "big")
    for name, (first, end), i in (
        ("all of it", (0, size), 3),
        ("one with its neighbours", (2, 5), 3),
        ("the first", (0, 2), 0),
        ("the last", (size - 2, size), size - 1),
    ):
        book.good(folder, name, "the place is proved", **bucket(first, end, trackers[i]))
    book.good(folder, "nowhere", "its neighbours prove that it is not there", **bucket(3, 5, nowhere))
    book.good(folder, "before all", "nothing stands before the first leaf", **bucket(0, 1, bytes(10)))
    book.good(folder, "after all", "nothing stands after the last", **bucket(size - 1, size, b"\xff" * 10))
    tree, own = ("Inconsistent", "10.2"), ("Inconsistent", "15.5")
    good = bucket(2, 5, trackers[3])
    swapped = [good["leaves"][i] for i in (1, 0, 2)]
    turned = [leaves[i] for i in (1, 0, *range(2, size))]
    turned_hashes = [merkle.leaf_hash(leaf) for leaf in turned]
    for name, why, refused, change in (
        ("another root", "it leads to this root", tree, {"root": "@manifest_hash"}),
        ("another first", "each leaf at its place", tree, {"first": 1}),
        ("outside", "inside the tree", tree, {"first": size - 1}),
        ("proof too short", "all nodes beside it", tree, {"proof": good["proof"][:-1]}),
        ("proof too long", "and no other", tree, {"proof": [*good["proof"], root]}),
        ("leaves swapped", "each leaf at its place", tree, {"leaves": swapped}),
        (
            "another ballot hash",
            "all bytes are meant",
            tree,
            {"leaves": [x[:-2] + "00" for x in good["leaves"]]},
        ),
        (
            "short leaves",
            "64 bytes each",
            ("Malformed", "15.5"),
            {"leaves": [x[:64] for x in good["leaves"]]},
        ),
    ):
        book.bad(folder, name, why, refused, **{**good, **change})
    unsorted = {
        "leaves": [leaf.hex() for leaf in turned],
        "root": merkle.root_of_hashes(turned_hashes).hex(),
    }
    book.bad(
        folder,
        "not in order",
        "a board that is not sorted hides ballots",
        own,
        **bucket(0, size, trackers[3], **unsorted),
    )
    missing = ("Missing", "15.5")
    book.bad(folder, "its end is cut", "it reaches beyond the tracker", missing, **bucket(0, 3, trackers[3]))
    book.bad(
        folder,
        "its beginning is cut",
        "it begins before the tracker",
        missing,
        **bucket(5, size, trackers[3]),
    )
    nothing: Values = {"leaves": [], "proof": [root]}
    for name, first in (("nothing before", 0), ("nothing behind", size)):
        given = bucket(0, size, trackers[3], **nothing) | {"first": first}
        book.bad(folder, name, "the root proves itself, and no leaf", missing, **given)
    salt = bytes(range(16)).hex()
    book.good("15.5-entry", "plain", "yes for who has the tracker", salt=salt, tracker=trackers[0].hex())
    book.good("15.5-entry", "another", "no other entry", salt=salt, tracker=trackers[1].hex())
