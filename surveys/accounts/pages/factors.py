"""What is checked at a sign-in and where a password, a code or a passkey is changed: Flask-Security's checks,
made as strict as this house is.

Danger: each of these classes closes something that Flask-Security leaves open by its settings; tests/accounts
holds each against the class that it stands in for.
"""

from __future__ import annotations

import hmac

from flask import current_app, session
from flask_login import current_user
from flask_security import ChangePasswordForm, LoginForm, MfRecoveryCodesUtil, PasswordUtil, WebauthnUtil
from flask_security.totp import Totp
from flask_security.utils import get_message
from flask_security.webauthn import WebAuthnSigninResponseForm
from passlib.exc import TokenError

from surveys.accounts.datastore import SignedIn
from surveys.accounts.errors import CodeSpent, WeakPassword
from surveys.accounts.pages.words import too_easy
from surveys.accounts.passwords import check_password

_ASKED = "passkey_asked"


class OnceOnly(Totp):  # type: ignore[misc]
    """Codes that are good once: one that was seen over the shoulder opens nothing. The picture is the
    address, which the page draws.
    """

    def verify_totp(self, token: str, totp_secret: str, user: SignedIn, window: int = 0) -> bool:
        """Whether the code is good; then it is no more. The step of a code that confirms a new secret is kept
        with that secret.
        """
        known = totp_secret == user.tf_totp_secret
        try:
            match = self._totp.verify(
                token, totp_secret, window=window, last_counter=user.spent if known else None
            )
            if known:
                current_app.extensions["security"].datastore.spend(user, match.counter)
            else:
                user.spent = match.counter
        except (TokenError, CodeSpent):
            return False
        return True

    def generate_qrcode(self, username: str, totp: str) -> str:
        """The address that the QR code holds."""
        uri: str = self.get_totp_uri(username, totp)
        return uri


class RecoveryCodes(MfRecoveryCodesUtil):  # type: ignore[misc]
    """Recovery codes, typed in any case; a wrong one is told to the staff log."""

    def check_recovery_code(self, user: SignedIn, code: str) -> bool:
        """Whether this is one of the codes that are left."""
        typed = _typed(code)
        # All are compared, so that the time says nothing of which it was.
        found = [hmac.compare_digest(each.encode(), typed.encode()) for each in user.mf_recovery_codes]
        if not any(found):
            user.track_failed_authn("recovery_code", True)
        return any(found)

    def delete_recovery_code(self, user: SignedIn, code: str) -> bool:
        """A code was used, and ends. Raises AccountChanged for the second of two requests with it."""
        done: bool = super().delete_recovery_code(user, _typed(code))
        return done


class Passwords(PasswordUtil):  # type: ignore[misc]
    """A password that is changed is held to what one that is chosen first is."""

    def validate(
        self, password: str, is_register: bool, *, user: SignedIn, **_: object
    ) -> tuple[list[str] | None, str]:
        """What is wrong with it, None if nothing is; and the password as it is kept."""
        written, staff = self.normalize(password), user.staff
        try:
            check_password(written, staff.name, staff.email)
        except WeakPassword:
            return [too_easy()], written
        return None, written


class SignInForm(LoginForm):  # type: ignore[misc]
    """Address and password. A session ends with its browser or after its hours: there is no box to be
    remembered longer.
    """

    remember = None

    def validate(self, **given: object) -> bool:
        """As Flask-Security does; that somebody knows the password of an ended account is told to the staff
        log too.
        """
        good: bool = super().validate(**given)
        if not good and self.user is not None and self.user_authenticated:
            self.user.track_failed_authn("password")
        return good


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The change of a password; guesses at the old one are told to the staff log."""

    def validate(self, **given: object) -> bool:
        """As Flask-Security does."""
        good: bool = super().validate(**given)
        if self.password.errors and self.password.data:
            current_user.track_failed_authn("password")
        return good


class AskedHere(WebauthnUtil):  # type: ignore[misc]
    """What a passkey is asked is noted in the session that asks."""

    def authentication_options(
        self, user: SignedIn, usage: list[str], options: dict[str, bytes]
    ) -> dict[str, object]:
        """As Flask-Security does."""
        session[_ASKED] = options["challenge"].decode()
        asked: dict[str, object] = super().authentication_options(user, usage, options)
        return asked


class OwnPasskeyForm(WebAuthnSigninResponseForm):  # type: ignore[misc]
    """A passkey after the password: of the account whose password it was, and of no other; its answer is to
    what was asked here.
    """

    def validate(self, **given: object) -> bool:
        """Without this anybody's password together with somebody else's passkey would sign that somebody in;
        and an answer that was overheard would be good in another browser."""
        asked = session.pop(_ASKED, None)
        if not super().validate(**given):
            return False
        if asked != self.challenge:
            self.credential.errors.append(get_message("WEBAUTHN_EXPIRED", within="")[0])
            return False
        if self.is_secondary and self.user.fs_uniquifier != session.get("tf_user_id"):
            self.credential.errors.append(get_message("WEBAUTHN_MISMATCH_USER_HANDLE")[0])
            self.user.track_failed_authn("passkey", True)
            return False
        return True


def _typed(code: str) -> str:
    return code.strip().casefold()
