"""DANGER. A trustee's partial decryption of the sums (docs/protocol.md 12.2).

The secret share x would open any ballot if it were used on one: it is only ever used on the sums of a plan
that the trustee has recomputed from the board (`surveys.committee.trustee` does that first).
"""

from __future__ import annotations

from collections.abc import Sequence

from surveys.protocol.agreement import Cosigners
from surveys.protocol.dleq import DleqProof
from surveys.protocol.group import Point, Scalar, base_multiply, multiply
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.shares import Share, ShareContext, share_challenge, share_message, statement, weighted


def decrypt_sums(
    sheet: Sheet,
    secret_share: Scalar,
    key: Point,
    context: ShareContext,
    cosigners: Cosigners,
    bases: Sequence[Point],
) -> Share:
    """The share of all sums with its proof; `key` is the trustee's verification key Y_m. The same
    each time.
    """
    points = tuple(multiply(base, secret_share) for base in bases)
    h = statement(context, cosigners, sheet.trustee, key, bases, points)
    base = weighted(h, bases)
    w = sheet.share_nonce(h)
    g, a = base_multiply(w), multiply(base, w)
    proof = DleqProof(g, a, w + share_challenge(h, g, a) * secret_share)
    return Share(sheet.trustee, cosigners, points, proof, sheet.sign(share_message(h, proof)))
