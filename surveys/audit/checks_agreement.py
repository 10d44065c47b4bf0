"""Checks 11.3 and 12.2: who agreed on board and plan before anything was opened, and whom the openings went
by.

Specified in docs/protocol.md 11.3, 12.2. Danger: a share that names a cosigner whose cosignature is not there
was perhaps opened over another board.
"""

from __future__ import annotations

from surveys.audit.case import Case
from surveys.protocol.agreement import agreement_hash, check_agreement, decode_agreement
from surveys.protocol.errors import Missing


def agreement(case: Case) -> None:
    """11.3."""
    sign_keys, definition = case.sign_keys, case.definition
    agreed = agreement_hash(case.manifest.hash, case.root, case.plan.digest)
    _ = case.ballots
    case.agreement = given = decode_agreement(case.bundle["agreement.json"])
    check_agreement(given, agreed, sign_keys, definition.threshold)


def opened_after_agreement(case: Case) -> None:
    """12.2, of each valid share."""
    definition = case.definition
    cosigned = {each.trustee for each in case.agreement}
    for i, share in enumerate(case.shares):
        where = f"tally.shares[{i}]"
        share.cosigners.check(share.trustee, len(definition.trustees), definition.threshold, where)
        for trustee in share.cosigners.cosigned:
            if trustee not in cosigned:
                raise Missing(
                    check="12.2", where=f"{where}.cosigned", why=f"trustee {trustee} has not cosigned"
                )
