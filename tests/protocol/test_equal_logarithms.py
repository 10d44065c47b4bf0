"""The proof of equal logarithms (5.6, 12.2): each of its two equations is needed, and it holds for one
statement only.
"""

from __future__ import annotations

import pytest

from surveys.protocol.dleq import DleqProof
from surveys.protocol.errors import BadProof
from surveys.protocol.group import BASE, Point, Scalar, base_multiply, hash_to_point, multiply
from surveys.protocol.transcript import challenge
from tests.vectors.book import randomness

TAKE = randomness("equal logarithms")
X, OTHER, W = (Scalar.reduce(TAKE(64)) for _ in range(3))
A = hash_to_point(TAKE(64))
KEY, SHARE = base_multiply(X), multiply(A, X)


def _challenge(key: Point, base: Point, share: Point, g: Point, a: Point) -> Scalar:
    return challenge("test", *(point.encode() for point in (key, base, share, g, a)))


def _prove(key: Point, base: Point, share: Point, secret: Scalar) -> DleqProof:
    g, a = base_multiply(W), multiply(base, W)
    return DleqProof(g, a, W + _challenge(key, base, share, g, a) * secret)


def _check(proof: DleqProof, key: Point, base: Point, share: Point) -> None:
    c = _challenge(key, base, share, proof.g, proof.a)
    proof.check(c, key, base, share, check="12.3", where="share")


def test_an_honest_proof_holds() -> None:
    _check(_prove(KEY, A, SHARE, X), KEY, A, SHARE)


def test_a_share_by_another_secret_fails_though_its_own_equation_holds() -> None:
    share = multiply(A, OTHER)
    proof = _prove(KEY, A, share, OTHER)
    c = _challenge(KEY, A, share, proof.g, proof.a)
    assert multiply(A, proof.response) == proof.a + multiply(share, c)
    with pytest.raises(BadProof, match="not by the holder of this key"):
        _check(proof, KEY, A, share)


def test_a_wrong_share_by_the_right_key_fails_though_the_keys_equation_holds() -> None:
    share = SHARE + BASE
    proof = _prove(KEY, A, share, X)
    c = _challenge(KEY, A, share, proof.g, proof.a)
    assert base_multiply(proof.response) == proof.g + multiply(KEY, c)
    with pytest.raises(BadProof, match="not this key's share of this sum"):
        _check(proof, KEY, A, share)


def test_a_proof_over_another_statement_fails() -> None:
    proof = _prove(KEY, A, SHARE, X)
    base = A + A
    for key, other, share in (
        (KEY, base, multiply(base, X)),
        (base_multiply(OTHER), A, multiply(A, OTHER)),
        (KEY, A, SHARE + BASE),
        (SHARE, A, KEY),
    ):
        with pytest.raises(BadProof):
            _check(proof, key, other, share)


def test_the_twin_a_challenge_without_the_share_proves_any_share() -> None:
    """Were the share not hashed, it could be chosen when the challenge is known."""
    g, shift = base_multiply(W), Scalar(99)
    a = multiply(A, W + shift)
    c = challenge("test", *(point.encode() for point in (KEY, A, g, a)))
    share = SHARE - multiply(A, shift * c.inverse())
    assert share != SHARE
    proof = DleqProof(g, a, W + c * X)
    proof.check(c, KEY, A, share, check="12.3", where="share")
    with pytest.raises(BadProof):
        _check(proof, KEY, A, share)
