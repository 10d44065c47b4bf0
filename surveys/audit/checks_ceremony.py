"""Checks 4.1 to 5.7: the manifest and the key ceremony that made its election key (docs/protocol.md
§4, §5).
"""

from __future__ import annotations

from surveys.audit.case import Case
from surveys.errors import SurveysError
from surveys.protocol import ceremony_checks
from surveys.protocol.ceremony import commits_hash
from surveys.protocol.errors import BadProof, Inconsistent
from surveys.protocol.manifest import decode_manifest
from surveys.rules.preset import Preset


def manifest_form(case: Case) -> None:
    """4.1."""
    case.decoded = decode_manifest(case.bundle["manifest.json"])


def consistency(case: Case) -> None:
    """4.2, with the rule itself."""
    manifest = case.decoded
    manifest.definition.check()
    try:
        Preset.from_json(manifest.definition.rule)
    except SurveysError as error:
        raise Inconsistent(check="4.2", where="manifest.definition.rule", why=str(error)) from None
    case.manifest = manifest


def record_form(case: Case) -> None:
    """5.1."""
    definition = case.definition
    ceremony = ceremony_checks.decode_ceremony(case.bundle["ceremony.json"])
    ceremony_checks.check_complete(ceremony, definition)
    case.ceremony = ceremony


def commits(case: Case) -> None:
    """5.2."""
    ceremony = case.ceremony
    ceremony_checks.check_commits(ceremony.commits, case.definition.digest, ceremony.attempt)
    case.sign_keys = tuple(commit.sign_key for commit in ceremony.commits)


def deals(case: Case) -> None:
    """5.3."""
    ceremony, definition = case.ceremony, case.definition
    _ = case.sign_keys
    for deal in ceremony.deals:
        try:
            ceremony_checks.check_deal(deal, ceremony.commits, definition, ceremony.attempt)
        except BadProof:
            # Commitment, sizes and signature hold; the proof of possession is the matter of 5.4.
            continue
    case.commits_hash = commits_hash(definition.digest, ceremony.attempt, ceremony.commits)


def possession(case: Case) -> None:
    """5.4."""
    for deal in case.ceremony.deals:
        ceremony_checks.check_possession(deal, case.commits_hash)


def election_key(case: Case) -> None:
    """5.5."""
    _ = case.commits_hash
    case.keys = ceremony_checks.check_keys(case.ceremony, case.manifest)


def confirmations(case: Case) -> None:
    """5.6."""
    keys, sign_keys = case.keys, case.sign_keys
    for confirm in case.ceremony.confirms:
        ceremony_checks.check_confirm(confirm, keys, sign_keys[confirm.trustee - 1], case.manifest)


def rehearsal(case: Case) -> None:
    """5.7."""
    ceremony_checks.check_rehearsal(case.ceremony.confirms, case.keys, case.definition.threshold)
