"""The Merkle tree of RFC 6962 §2.1 over SHA-256: roots, inclusion proofs, consistency proofs.

Leaves and nodes are hashed under different first bytes (0 and 1), so that no node can pass for a leaf.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from surveys.protocol.errors import Inconsistent


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree head, 32 bytes; SHA-256("") for no leaves."""
    return root_of_hashes([leaf_hash(leaf) for leaf in leaves])


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """The tree head over leaf hashes."""
    if not hashes:
        return sha256(b"").digest()
    level = list(hashes)
    # A last node without a sibling moves up unchanged: this gives RFC 6962's split at the largest power of two.
    while len(level) > 1:
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, leaves) of RFC 6962 §2.1.1. Raises IndexError outside the tree."""
    return proof_of_hashes([leaf_hash(leaf) for leaf in leaves], index)


def proof_of_hashes(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The same over the leaves' hashes. Raises IndexError outside the tree."""
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    level, proof = list(hashes), []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
        index //= 2
    return proof


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes) -> None:
    """RFC 9162 §2.1.3.2: the leaf is number `index` of the tree. Raises Inconsistent(check="10.2")."""
    left = list(proof)
    fn, sn, r = index, size - 1, leaf_hash(leaf)
    if not 0 <= index < size:
        raise Inconsistent(check="10.2", where="inclusion.index", why="outside the tree")
    for p in left:
        if sn == 0:
            raise Inconsistent(check="10.2", where="inclusion.proof", why="too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or r != head:
        raise Inconsistent(check="10.2", where="inclusion.proof", why="does not lead to the root")


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """PROOF(first, leaves) of RFC 6962 §2.1.2, for 0 < first <= number of leaves."""
    if not 0 < first <= len(leaves):
        raise IndexError(first)
    return _subproof(first, list(leaves), True)


def _subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    n = len(leaves)
    if m == n:
        return [] if whole else [root(leaves)]
    k = 1 << ((n - 1).bit_length() - 1)
    if m <= k:
        return [*_subproof(m, leaves[:k], whole), root(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], False), root(leaves[:k])]


def check_consistency(first: int, second: int, head1: bytes, head2: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 §2.1.4.2: the tree of `first` leaves is a beginning of that of `second`. Raises Inconsistent."""

    def refuse() -> Inconsistent:
        return Inconsistent(check="10.2", where="consistency.proof", why="does not lead to both roots")

    if first == second:
        if proof or head1 != head2:
            raise refuse()
        return
    if not 0 < first < second or not proof:
        raise refuse()
    path = list(proof) if first & (first - 1) else [head1, *proof]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise refuse()
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    if fr != head1 or sr != head2 or sn != 0:
        raise refuse()
