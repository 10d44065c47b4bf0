"""Who cheats in the ceremony is named, and no message of one ceremony serves in another (§5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surveys.protocol import signature
from surveys.protocol.ceremony import (
    Deal,
    commits_hash,
    deal_message,
    election_keys,
    public_share,
    share_info,
)
from surveys.protocol.ceremony_checks import (
    check_commit,
    check_confirm,
    check_deal,
    check_keys,
    check_possession,
    check_rehearsal,
)
from surveys.protocol.errors import BadProof, Inconsistent, Rejected
from surveys.protocol.group import Scalar, base_multiply, multiply
from surveys.protocol.manifest import Manifest
from surveys.protocol.secret.deal import Sheet
from tests.vectors import second
from tests.vectors.book import randomness
from tests.vectors.vote import a_ceremony, a_deal, the_vote

VOTE = the_vote()
COMMITS, DEALS = VOTE.ceremony.commits, VOTE.ceremony.deals
HASHED = commits_hash(VOTE.definition.digest, 1, COMMITS)


def _signed(sheet: Sheet, deal: Deal, hashed: bytes = HASHED) -> Deal:
    return replace(deal, signature=sheet.sign(deal_message(hashed, deal.trustee, deal.unsigned_json())))


def test_a_rushing_dealer_cannot_choose_after_the_others_have_dealt() -> None:
    """Trustee 3 waits, then deals a second polynomial until it likes the key. It knows the coefficients:
    proofs hold.
    """
    other = Sheet(randomness("second polynomial")(32), VOTE.definition, 1, 3)
    late = other.deal(COMMITS)
    mine = _signed(VOTE.sheets[2], replace(late, signature=b""))
    with pytest.raises(Inconsistent) as refused:
        check_deal(mine, COMMITS, VOTE.definition, 1)
    assert (refused.value.check, refused.value.where) == ("5.3", "deals[2].points")
    # The twin: proofs and signature hold; only the commitment from the first round refuses it.
    check_possession(mine, HASHED)
    message = deal_message(HASHED, 3, mine.unsigned_json())
    signature.verify(COMMITS[2].sign_key, message, mine.signature, check="5.3", where="signature")
    keys = election_keys(VOTE.definition.digest, 1, COMMITS, (*DEALS[:2], mine))
    assert keys.election_key != VOTE.keys.election_key


def test_a_signed_deal_with_a_proof_that_does_not_hold_is_refused() -> None:
    deal = _signed(VOTE.sheets[0], replace(DEALS[0], proofs=DEALS[0].proofs[::-1]))
    check_deal(DEALS[0], COMMITS, VOTE.definition, 1)
    with pytest.raises(BadProof) as refused:
        check_deal(deal, COMMITS, VOTE.definition, 1)
    assert (refused.value.check, refused.value.where) == ("5.4", "deals[0].proofs[0]")


@pytest.mark.parametrize("trustee", [1, 2, 3])
def test_a_verification_key_that_is_the_identity_is_refused(trustee: int) -> None:
    """f(m) = 0 for one m: everybody would know that trustee's share."""
    c0 = [deal.points[0] for deal in DEALS]
    inverse = Scalar(trustee).inverse()
    deals = tuple(
        replace(deal, points=(point, -multiply(point, inverse)))
        for deal, point in zip(DEALS, c0, strict=True)
    )
    keys = election_keys(VOTE.definition.digest, 1, COMMITS, deals)
    assert [key.is_identity for key in keys.verification_keys] == [m == trustee for m in (1, 2, 3)]
    manifest = Manifest(VOTE.definition, keys.election_key, keys.ceremony)
    with pytest.raises(Inconsistent) as refused:
        check_keys(replace(VOTE.ceremony, deals=deals), manifest)
    assert refused.value.why == "a key is the identity"


@pytest.mark.parametrize("dealer", [1, 2, 3])
@pytest.mark.parametrize("receiver", [1, 2, 3])
def test_the_dealer_of_a_wrong_share_is_named_by_its_receiver(dealer: int, receiver: int) -> None:
    f = second.coefficients(VOTE.seeds[dealer - 1], VOTE.definition.digest, 1, dealer, 2)
    wrong = second.hpke_seal(
        randomness("wrong share")(32),
        COMMITS[receiver - 1].hpke_key,
        share_info(HASHED, dealer, receiver),
        second.evaluate([f[0] + 1, f[1]], receiver),
    )
    shares = [*DEALS[dealer - 1].shares]
    shares[receiver - 1] = wrong
    forged = _signed(VOTE.sheets[dealer - 1], replace(DEALS[dealer - 1], shares=tuple(shares)))
    deals = tuple(forged if deal.trustee == dealer else deal for deal in DEALS)
    # Nobody else can see it: the share is encrypted, everything public holds.
    check_deal(forged, COMMITS, VOTE.definition, 1)
    for m, sheet in enumerate(VOTE.sheets, 1):
        if m == receiver:
            with pytest.raises(Rejected) as refused:
                sheet.secret_share(COMMITS, deals)
            assert refused.value.where == f"deals[{dealer - 1}].shares[{receiver - 1}]"
            assert refused.value.check == "5.5"
        else:
            sheet.secret_share(COMMITS, deals)


def test_a_share_that_is_no_scalar_names_its_dealer() -> None:
    sealed = second.hpke_seal(
        bytes(31) + b"\x40", COMMITS[0].hpke_key, share_info(HASHED, 2, 1), b"\xff" * 32
    )
    deals = (DEALS[0], replace(DEALS[1], shares=(sealed, *DEALS[1].shares[1:])), DEALS[2])
    with pytest.raises(Rejected) as refused:
        VOTE.sheets[0].secret_share(COMMITS, deals)
    assert refused.value.where == "deals[1].shares[0]"


def test_every_share_is_the_logarithm_of_its_public_share() -> None:
    for m, sheet in enumerate(VOTE.sheets, 1):
        secret = sheet.secret_share(COMMITS, DEALS)
        assert base_multiply(secret) == VOTE.keys.verification_keys[m - 1]
        total = public_share(DEALS[0].points, m) + public_share(DEALS[1].points, m)
        assert total + public_share(DEALS[2].points, m) == base_multiply(secret)


OTHER = {
    "next attempt": (VOTE.definition, 2),
    "other definition": (replace(VOTE.definition, title_en="Another vote"), 1),
    "other survey": (replace(VOTE.definition, survey=bytes(16)), 1),
}


@pytest.mark.parametrize("where", OTHER)
def test_a_message_of_another_ceremony_is_refused(where: str) -> None:
    """The same three sheets in another attempt or vote; each of its messages is brought here."""
    definition, attempt = OTHER[where]
    sheets, ceremony, keys, manifest = a_ceremony(definition, VOTE.seeds, attempt)
    # There, all of them are good.
    check_commit(ceremony.commits[0], definition.digest, attempt)
    check_deal(ceremony.deals[0], ceremony.commits, definition, attempt)
    check_confirm(ceremony.confirms[0], keys, ceremony.commits[0].sign_key, manifest)
    assert sheets[0].commit().sign_key != COMMITS[0].sign_key
    with pytest.raises(Rejected) as refused:
        check_commit(ceremony.commits[0], VOTE.definition.digest, 1)
    assert refused.value.check == "5.2"
    with pytest.raises(Rejected) as refused:
        check_deal(ceremony.deals[0], COMMITS, VOTE.definition, 1)
    assert refused.value.check == "5.3"
    for sign_key in (COMMITS[0].sign_key, ceremony.commits[0].sign_key):
        with pytest.raises(Rejected) as refused:
            check_confirm(ceremony.confirms[0], VOTE.keys, sign_key, VOTE.manifest)
        assert refused.value.check == "5.6"


def test_a_confirmation_of_another_manifest_over_the_same_ceremony_is_refused() -> None:
    """A server shows one trustee another manifest with the same key: the signature binds M."""
    shown = Manifest(replace(VOTE.definition, k=4), VOTE.keys.election_key, VOTE.keys.ceremony)
    signed = VOTE.sheets[0].confirm(COMMITS, DEALS, VOTE.keys, shown)
    check_confirm(signed, VOTE.keys, COMMITS[0].sign_key, shown)
    with pytest.raises(Rejected) as refused:
        check_confirm(signed, VOTE.keys, COMMITS[0].sign_key, VOTE.manifest)
    assert refused.value.check == "5.6"


def test_a_share_sealed_under_other_commits_does_not_open() -> None:
    """A stale deal: trustee 2 committed anew, the others' deals are from before."""
    fresh = Sheet(randomness("a new sheet")(32), VOTE.definition, 1, 2)
    commits = (COMMITS[0], fresh.commit(), COMMITS[2])
    deals = (DEALS[0], a_deal(fresh, randomness("a new sheet")(32), VOTE.definition, commits), DEALS[2])
    check_deal(deals[1], commits, VOTE.definition, 1)
    with pytest.raises(Rejected) as refused:
        VOTE.sheets[2].secret_share(commits, deals)
    assert refused.value.where == "deals[0].shares[2]"
    with pytest.raises(Rejected):
        check_deal(deals[0], commits, VOTE.definition, 1)


def test_the_rehearsal_names_the_trustee_with_whom_it_fails() -> None:
    confirms = VOTE.ceremony.confirms
    check_rehearsal(confirms, VOTE.keys, 2)
    wrong = replace(confirms[2], share=confirms[1].share)
    with pytest.raises(Inconsistent) as refused:
        check_rehearsal((*confirms[:2], wrong), VOTE.keys, 2)
    assert refused.value.where == "confirms[2]"
    # The twin: whoever tries the first t alone sees nothing.
    check_rehearsal(confirms[:2], VOTE.keys, 2)


def test_a_sheet_gives_the_same_messages_again() -> None:
    """A reload or a new device: seed and public record are enough; encrypted shares alone differ."""
    again = Sheet(VOTE.seeds[0], VOTE.definition, 1, 1)
    assert again.commit() == COMMITS[0]
    made = again.deal(COMMITS)
    assert (made.points, made.proofs) == (DEALS[0].points, DEALS[0].proofs)
    assert set(made.shares).isdisjoint(DEALS[0].shares)
    assert again.confirm(COMMITS, DEALS, VOTE.keys, VOTE.manifest) == VOTE.ceremony.confirms[0]
    assert VOTE.seeds[0].hex() not in repr(again)
