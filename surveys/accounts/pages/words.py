"""What Flask-Security and WTForms say, in sentences of this house: what is wrong, and what to do. Said in the
reader's language when shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from surveys.accounts.passwords import SHORTEST_PASSWORD
from surveys.web.languages import noted, say

_WRONG_SIGN_IN = noted(
    "Address, password or code is wrong, or the account was ended. Check them and try again."
)
_WRONG_CODE = noted("This code is wrong, too old, or has been used. Wait for the next one and type it.")
_TAKEN_TOO_LONG = noted("This took longer than it may. Nothing has changed: please begin again.")
_NOT_THIS_PASSKEY = noted("This passkey is not one of your account's. Nothing has changed: use another one.")
_EMPTY = noted("This field must be filled in.")

ERRORS: Mapping[str, str] = {
    "API_ERROR": noted("What was sent could not be understood. Nothing has changed: please begin again."),
    "GENERIC_AUTHN_FAILED": _WRONG_SIGN_IN,
    "DISABLED_ACCOUNT": _WRONG_SIGN_IN,
    "USER_DOES_NOT_EXIST": _WRONG_SIGN_IN,
    "INVALID_EMAIL_ADDRESS": noted("Not a mail address: write it like name@example.org."),
    "EMAIL_NOT_PROVIDED": _EMPTY,
    "PASSWORD_NOT_PROVIDED": _EMPTY,
    "INVALID_PASSWORD": noted("This is not your password."),
    "INVALID_PASSWORD_CODE": _WRONG_SIGN_IN,
    "PASSWORD_INVALID_LENGTH": noted("A password has at least %(length)s characters."),
    "PASSWORD_IS_THE_SAME": noted("This is the password until now: choose another one."),
    "RETYPE_PASSWORD_MISMATCH": noted("The two passwords are not the same."),
    "PASSWORD_MISMATCH": noted("The two passwords are not the same."),
    "INVALID_CODE": _WRONG_CODE,
    "TWO_FACTOR_INVALID_TOKEN": _WRONG_CODE,
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": noted("Choose one of the ways shown."),
    "TWO_FACTOR_PERMISSION_DENIED": noted("Begin with address and password, please."),
    "TWO_FACTOR_SETUP_EXPIRED": _TAKEN_TOO_LONG,
    "INVALID_RECOVERY_CODE": noted(
        "This recovery code is wrong or has been used. Take another one of your list."
    ),
    "NO_RECOVERY_CODES_SETUP": noted("There are no recovery codes yet. Make some."),
    "INVALID_INPUT": noted("This text cannot be taken as it is. Use letters and digits."),
    "WEBAUTHN_EXPIRED": _TAKEN_TOO_LONG,
    "WEBAUTHN_NAME_REQUIRED": noted("Give the passkey a name."),
    "WEBAUTHN_NAME_INUSE": noted("You have a passkey of this name: choose another name."),
    "WEBAUTHN_NAME_NOT_FOUND": noted("You have no passkey of this name."),
    "WEBAUTHN_NAME_DISALLOWED_CHARACTERS": noted(
        "This text cannot be taken as it is. Use letters and digits."
    ),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": noted("This passkey is registered already."),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": _NOT_THIS_PASSKEY,
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": _NOT_THIS_PASSKEY,
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": _NOT_THIS_PASSKEY,
    "WEBAUTHN_MISMATCH_USER_HANDLE": _NOT_THIS_PASSKEY,
    "WEBAUTHN_NO_VERIFY": noted("The passkey could not be confirmed. Nothing has changed: try again."),
    "ANONYMOUS_USER_REQUIRED": noted("You are signed in already."),
    "UNAUTHORIZED": noted("Your account may not do this."),
    "UNAUTHENTICATED": noted("Please sign in first."),
    "REAUTHENTICATION_REQUIRED": noted("Confirm that it is you, please."),
    "INVALID_REDIRECT": noted(
        "What was sent could not be understood. Nothing has changed: please begin again."
    ),
}
DONE: Mapping[str, str] = {
    "LOGIN": noted("Please sign in first."),
    "REFRESH": noted("Confirm that it is you, please."),
    "PASSWORD_CHANGE": noted("The password is changed."),
    "REAUTHENTICATION_SUCCESSFUL": noted("Confirmed. Go on."),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": noted("Signed in."),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": noted(
        "Codes are set up: from now on one is asked for after the password."
    ),
    "TWO_FACTOR_DISABLED": noted("Codes are removed."),
    "WEBAUTHN_CREDENTIAL_DELETED": noted("The passkey “%(name)s” is removed."),
    "WEBAUTHN_REGISTER_SUCCESSFUL": noted(
        "The passkey “%(name)s” is made: from now on it is asked for after the password."
    ),
}
FORMS = (
    noted("Not a valid choice."),
    noted("This field is required."),
    noted("Invalid Choice: could not coerce."),
)


def too_easy() -> str:
    """What is said of a weak password, where it is chosen and where it is changed."""
    return say(
        "Too easy to guess: choose at least %(least)s characters, and not a word that everybody tries, a "
        "row of signs, or your name or address.",
        least=SHORTEST_PASSWORD,
    )


def messages() -> dict[str, tuple[str, str]]:
    """The messages as Flask-Security takes them: text and kind."""
    return {f"MSG_{name}": (text, "error") for name, text in ERRORS.items()} | {
        f"MSG_{name}": (text, "success") for name, text in DONE.items()
    }
