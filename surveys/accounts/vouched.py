"""Who is meant by what the organisation's sign-in says: an account that somebody was invited to, or nobody.

Danger: an account made here would let in whoever the provider knows. None is: the claim names an account that
stands already, and a mail address counts only where the provider says that it has verified it.
"""

from __future__ import annotations

from collections.abc import Mapping

from surveys.accounts.datastore import SignedIn, StaffDatastore
from surveys.accounts.errors import NotInvited, NotVouchedFor
from surveys.provider import EMAIL, Provider

Claims = Mapping[str, object]


def check(provider: Provider, claims: Claims) -> None:
    """Issuer and audience, once more and to the letter: the library takes a list of audiences that holds us.
    Raises NotVouchedFor.
    """
    if claims.get("iss") != provider.issuer:
        raise NotVouchedFor("issuer")
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise NotVouchedFor("audience")
    if not isinstance(claims.get("nonce"), str) or not claims.get("sub"):
        raise NotVouchedFor("nonce or subject")


def account_of(accounts: StaffDatastore, provider: Provider, claims: Claims) -> SignedIn:
    """The account that is meant. Raises NotInvited where there is none, it was ended, or the address is not
    verified: to whoever asks these are one.
    """
    said = claims.get(provider.claim)
    verified = provider.claim != EMAIL or claims.get("email_verified") is True
    found = accounts.find_user(email=said) if isinstance(said, str) and verified else None
    if found is None or not found.active:
        raise NotInvited("no account is meant")
    return found


def has_second_factor(provider: Provider, claims: Claims) -> bool:
    """Whether the provider has asked for a second factor, in words that the instance was told to trust."""
    amr = claims.get("amr")
    said = {claims.get("acr"), *(amr if isinstance(amr, list) else ())}
    return any(isinstance(each, str) and each in provider.second_factor for each in said)
