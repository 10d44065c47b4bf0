"""The Merkle tree of RFC 6962 §2.1 over SHA-256: roots, inclusion proofs, consistency proofs.

Leaves and nodes are hashed under different first bytes (0 and 1), so that no node can pass for a leaf.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def root_of_hashes(hashes: Iterable[bytes]) -> bytes:
    """The tree head over leaf hashes, which are taken one after the other: at any time only the heads of the
    whole subtrees to the left are kept, one for each bit of their number.
    """
    whole: list[bytes] = []
    for number, node in enumerate(hashes, 1):
        while number & 1 == 0:
            node, number = node_hash(whole.pop(), node), number >> 1
        whole.append(node)
    if not whole:
        return sha256(b"").digest()
    # The subtrees that are left, joined from the right: RFC 6962's split at the largest power of two.
    head = whole.pop()
    while whole:
        head = node_hash(whole.pop(), head)
    return head


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, leaves) of RFC 6962 §2.1.1. Raises IndexError outside the tree."""
    return proof_of_hashes([leaf_hash(leaf) for leaf in leaves], index)


def proof_of_hashes(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The same over the leaves' hashes. Raises IndexError outside the tree."""
    return proof_in(levels_of(hashes), index)


def levels_of(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """The nodes from the leaves up to the head: kept, they give any proof without hashing."""
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        level = levels[-1]
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        levels.append(pairs + level[len(pairs) * 2 :])
    return levels


def proof_in(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """The inclusion proof out of `levels_of`. Raises IndexError outside the tree."""
    if not 0 <= index < len(levels[0]):
        raise IndexError(index)
    proof = []
    for height, level in enumerate(levels[:-1]):
        sibling = (index >> height) ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
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


def range_proof(hashes: Sequence[bytes], first: int, end: int) -> list[bytes]:
    """What is needed beside leaves first … end − 1 to work the head out (docs/protocol.md 15.5). Raises
    IndexError.
    """
    if not 0 <= first <= end <= len(hashes):
        raise IndexError(first)

    def walk(low: int, high: int) -> list[bytes]:
        if high <= first or end <= low:
            return [root_of_hashes(hashes[low:high])]
        if high - low == 1:
            return []
        middle = low + _split(high - low)
        return walk(low, middle) + walk(middle, high)

    return walk(0, len(hashes)) if hashes else []


def check_range(given: Sequence[bytes], first: int, size: int, proof: Sequence[bytes], head: bytes) -> None:
    """These leaf hashes are numbers `first` and following of the tree. Raises Inconsistent(check="10.2")."""
    end, left = first + len(given), iter(proof)
    if first < 0 or end > size:
        raise Inconsistent(check="10.2", where="range.first", why="outside the tree")

    def walk(low: int, high: int) -> bytes:
        if high <= first or end <= low:
            outside = next(left, None)
            if outside is None:
                raise Inconsistent(check="10.2", where="range.proof", why="too short")
            return outside
        if high - low == 1:
            return given[low - first]
        middle = low + _split(high - low)
        return node_hash(walk(low, middle), walk(middle, high))

    found = walk(0, size) if size else sha256(b"").digest()
    if next(left, None) is not None:
        raise Inconsistent(check="10.2", where="range.proof", why="too long")
    if found != head:
        raise Inconsistent(check="10.2", where="range.proof", why="does not lead to the root")


def _split(n: int) -> int:
    """The largest power of two below n."""
    return 1 << ((n - 1).bit_length() - 1)


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """PROOF(first, leaves) of RFC 6962 §2.1.2, for 0 < first <= number of leaves."""
    if not 0 < first <= len(leaves):
        raise IndexError(first)
    return _subproof(first, list(leaves), True)


def _subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    n = len(leaves)
    if m == n:
        return [] if whole else [root(leaves)]
    k = _split(n)
    if m <= k:
        return [*_subproof(m, leaves[:k], whole), root(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], False), root(leaves[:k])]


def check_consistency(first: int, second: int, head1: bytes, head2: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 §2.1.4.2: the tree of `first` leaves is a beginning of that of `second`. Raises
    Inconsistent.
    """

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
