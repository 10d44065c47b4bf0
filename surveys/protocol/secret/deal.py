"""DANGER. A trustee's secrets in the key ceremony (docs/protocol.md §5): all of them follow from one seed.

The seed is on the trustee's sheet and nowhere else; every call starts from it and from the public record, so
a reload, another device or a restart of the ceremony loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveys.protocol.ceremony import (
    Commit,
    Confirm,
    Deal,
    ElectionKeys,
    PossessionProof,
    commit_message,
    commitment,
    commits_hash,
    confirm_challenge,
    confirm_message,
    confirm_statement,
    deal_message,
    possession_challenge,
    possession_statement,
    public_share,
    rehearsal_ciphertext,
    share_info,
)
from surveys.protocol.dleq import DleqProof
from surveys.protocol.errors import BadProof, Rejected
from surveys.protocol.group import Point, Scalar, base_multiply, multiply
from surveys.protocol.manifest import Definition, Manifest
from surveys.protocol.transcript import transcript, u32

SEED_BYTES = 32
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)


class Sheet:
    """One trustee's secrets in one attempt of one ceremony, derived from the seed (5.1)."""

    def __init__(self, seed: bytes, definition: Definition, attempt: int, trustee: int) -> None:
        if len(seed) != SEED_BYTES or not 1 <= trustee <= len(definition.trustees):
            raise ValueError("a seed has 32 bytes and a trustee stands in the definition")
        self._seed = seed
        self._definition = definition
        self._context = (definition.digest, u32(attempt), u32(trustee))
        self.attempt = attempt
        self.trustee = trustee

    def __repr__(self) -> str:
        return f"Sheet(trustee {self.trustee}, attempt {self.attempt})"

    def _derive(self, length: int, label: str, *fields: bytes) -> bytes:
        hkdf = HKDF(algorithm=hashes.SHA512(), length=length, salt=None, info=transcript(label, *fields))
        return hkdf.derive(self._seed)

    def _nonce(self, label: str, *fields: bytes) -> Scalar:
        return Scalar.reduce(self._derive(64, "trustee/nonce", transcript(label, *fields)))

    @property
    def _hpke_key(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self._derive(32, "trustee/hpke", *self._context))

    @property
    def _sign_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._derive(32, "trustee/sign", *self._context))

    def sign(self, message: bytes) -> bytes:
        """A signature by the trustee's signing key, 64 bytes."""
        return self._sign_key.sign(message)

    def _coefficients(self) -> list[Scalar]:
        return [
            Scalar.reduce(self._derive(64, "trustee/coefficient", *self._context, u32(j)))
            for j in range(self._definition.threshold)
        ]

    def commit(self) -> Commit:
        """The first message (5.2); the same each time."""
        points = [base_multiply(a) for a in self._coefficients()]
        hashed = commitment(self._definition.digest, self.attempt, self.trustee, points)
        hpke_key = self._hpke_key.public_key().public_bytes_raw()
        sign_key = self._sign_key.public_key().public_bytes_raw()
        message = commit_message(
            self._definition.digest, self.attempt, self.trustee, hpke_key, sign_key, hashed
        )
        return Commit(self.trustee, hpke_key, sign_key, hashed, self.sign(message))

    def deal(self, commits: Sequence[Commit]) -> Deal:
        """The second message (5.3), once all commits are in and checked. Encrypted shares differ each
        time.
        """
        hashed = commits_hash(self._definition.digest, self.attempt, commits)
        coefficients = self._coefficients()
        points = tuple(base_multiply(a) for a in coefficients)
        proofs = tuple(
            self._possession(hashed, j, a, point)
            for j, (a, point) in enumerate(zip(coefficients, points, strict=True))
        )
        shares = tuple(
            _SUITE.encrypt(
                _evaluate(coefficients, commit.trustee).encode(),
                X25519PublicKey.from_public_bytes(commit.hpke_key),
                info=share_info(hashed, self.trustee, commit.trustee),
            )
            for commit in commits
        )
        unsigned = Deal(self.trustee, points, proofs, shares, b"")
        signed = self.sign(deal_message(hashed, self.trustee, unsigned.unsigned_json()))
        return Deal(self.trustee, points, proofs, shares, signed)

    def _possession(self, commits: bytes, j: int, a: Scalar, point: Point) -> PossessionProof:
        statement = possession_statement(commits, self.trustee, j, point)
        w = self._nonce("ceremony/pop", *statement)
        r = base_multiply(w)
        return PossessionProof(r, w + possession_challenge(statement, r) * a)

    def secret_share(self, commits: Sequence[Commit], deals: Sequence[Deal]) -> Scalar:
        """x_m from everybody's deals (5.5). Raises Rejected(check="5.5") naming the dealer whose share is
        wrong.
        """
        hashed = commits_hash(self._definition.digest, self.attempt, commits)
        total = Scalar(0)
        for deal in deals:
            where = f"deals[{deal.trustee - 1}].shares[{self.trustee - 1}]"
            try:
                raw = _SUITE.decrypt(
                    deal.shares[self.trustee - 1],
                    self._hpke_key,
                    info=share_info(hashed, deal.trustee, self.trustee),
                )
            except (InvalidTag, ValueError):
                raise Rejected(check="5.5", where=where, why="the encrypted share does not open") from None
            share = Scalar.decode(raw, check="5.5", where=where)
            if base_multiply(share) != public_share(deal.points, self.trustee):
                raise BadProof(
                    check="5.5", where=where, why="the share does not fit the dealer's commitments"
                )
            total = total + share
        return total

    def confirm(
        self, commits: Sequence[Commit], deals: Sequence[Deal], keys: ElectionKeys, manifest: Manifest
    ) -> Confirm:
        """The third message: the rehearsal share, and this manifest signed (5.6). Raises as `secret_share`
        does.
        """
        x = self.secret_share(commits, deals)
        alpha, _ = rehearsal_ciphertext(keys.ceremony, keys.election_key)
        share = multiply(alpha, x)
        key = keys.verification_keys[self.trustee - 1]
        statement = confirm_statement(keys.ceremony, self.trustee, key, alpha, share)
        w = self._nonce("ceremony/confirm-proof", *statement)
        g, a = base_multiply(w), multiply(alpha, w)
        proof = DleqProof(g, a, w + confirm_challenge(statement, g, a) * x)
        message = confirm_message(keys.ceremony, manifest.hash, self.trustee, share, proof)
        return Confirm(self.trustee, share, proof, self.sign(message))

    def share_nonce(self, h: bytes) -> Scalar:
        """The nonce of the proof over all sums (12.2)."""
        return self._nonce("share/proof", h)


def _evaluate(coefficients: Sequence[Scalar], at: int) -> Scalar:
    total, x = Scalar(0), Scalar(at)
    for a in reversed(coefficients):
        total = total * x + a
    return total
