"""The accounts as Flask-Security reads and keeps them. What it calls a user is an account of
`surveys.accounts.keeping`.

It has no session and no open transaction: each `put` is one verb of the register, so a request never holds
the store while it works.
Danger: Flask-Security changes what an account signs in with from a dozen places; all of them end here, so
here, and before anything is kept, it is written into the staff log.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

from flask_security import RoleMixin, UserDatastore, UserMixin, WebAuthnMixin

from surveys.accounts import keeping as register
from surveys.accounts.keeping import Account, Passkey, Secrets
from surveys.accounts.roles import Staff
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.instants import instant
from surveys.stores.store import Store

AUTHENTICATOR = "authenticator"
SECONDARY = "secondary"


class SignedIn(UserMixin):  # type: ignore[misc]
    """An account under the names that Flask-Security knows."""

    # It looks for these on the class before there is an account.
    fs_uniquifier = fs_webauthn_user_handle = ""

    def __init__(self, account: Account) -> None:
        self.staff: Staff = account.staff
        self.id = account.staff.id
        self.email = account.staff.email
        self.active = account.staff.active
        self.held: Secrets = account.secrets
        self.password = account.secrets.password
        self.fs_uniquifier = self.named = account.uniquifier
        self.fs_webauthn_user_handle = account.handle
        self.tf_totp_secret = account.secrets.totp
        self.tf_primary_method = None if account.secrets.totp is None else AUTHENTICATOR
        self.tf_phone_number = None
        self.mf_recovery_codes = list(account.secrets.recovery)
        self.spent = account.secrets.spent
        self.webauthn = [Credential(each) for each in account.passkeys]
        self.roles: list[NoRole] = []

    @property
    def has_second_factor(self) -> bool:
        """Whether a code or a passkey is asked for beside the password."""
        return bool(self.tf_totp_secret or self.webauthn)

    @property
    def secrets(self) -> Secrets:
        """What it signs in with, as Flask-Security has left it."""
        recovery = tuple(self.mf_recovery_codes or ())
        return Secrets(self.password, self.tf_totp_secret, recovery, self.spent)


class Credential(WebAuthnMixin):  # type: ignore[misc]
    """A passkey under the names that Flask-Security knows. Always a second factor: a password comes first."""

    usage = SECONDARY

    def __init__(self, passkey: Passkey) -> None:
        self.id = passkey.id
        self.user_id = passkey.staff
        self.credential_id = passkey.credential
        self.public_key = passkey.public_key
        self.name = passkey.name
        self.sign_count = passkey.sign_count
        self.transports = list(passkey.transports)
        self.backup_state = passkey.backed_up
        self.device_type = passkey.device
        self.extensions = passkey.extensions
        self.lastuse_datetime = passkey.used

    @property
    def passkey(self) -> Passkey:
        """The credential as the register keeps it."""
        return Passkey(
            id=self.id,
            staff=self.user_id,
            credential=self.credential_id,
            public_key=self.public_key,
            name=self.name,
            sign_count=self.sign_count,
            transports=tuple(self.transports or ()),
            backed_up=bool(self.backup_state),
            device=self.device_type,
            extensions=self.extensions,
            # The library writes it in UTC, without saying so.
            used=instant(self.lastuse_datetime.replace(tzinfo=UTC)),
        )


class NoRole(RoleMixin):  # type: ignore[misc]
    """Roles are over units here (`surveys.accounts.roles`); Flask-Security's own are not used."""


class StaffDatastore(UserDatastore):  # type: ignore[misc]
    """The register behind Flask-Security."""

    def __init__(self, store: Store, log: StaffLog) -> None:
        super().__init__(SignedIn, NoRole, Credential)
        self.store, self.log = store, log

    def commit(self) -> None:
        """Every `put` is committed already."""

    def reload(self, model: SignedIn) -> SignedIn:
        """The account as it stands now."""
        return SignedIn(register.find_account(self.store, model.id))

    def put(self, model: SignedIn | Credential) -> SignedIn | Credential:
        """Keep what has changed: the secrets and the name of the sessions, or a passkey's counter. Order: the
        staff log, the register.

        Raises AccountChanged; nothing is changed then.
        """
        if isinstance(model, Credential):
            register.passkey_used(self.store, model.passkey)
            return model
        kept, named = model.secrets, model.fs_uniquifier
        # Only a new name is kept: the old one could bring sessions back that were ended meanwhile.
        fresh = None if named == model.named else named
        with ExitStack() as told:
            by = Actor.of(model.staff)
            for act, factor in _changes(model.held, kept, fresh):
                acting = self.log.acting(by, act, factor=factor) if factor else self.log.acting(by, act)
                told.enter_context(acting)
            register.keep_secrets(self.store, model.id, kept, fresh, instead_of=model.held)
        model.held, model.named = kept, named
        return model

    def spend(self, user: SignedIn, step: int) -> None:
        """Note that this account's code of a time step is used. Raises CodeSpent."""
        user.held = register.spend_code(self.store, user.id, step)
        user.spent = step

    def delete(self, model: Credential) -> None:
        """Forget a passkey; accounts are never deleted, only ended."""
        owner = register.find_account(self.store, model.user_id).staff
        with self.log.acting(Actor.of(owner), Act.ACCOUNT_FACTOR, factor="no_passkey", name=model.name):
            register.forget_passkey(self.store.engine, model.id)

    def find_user(self, case_insensitive: bool = False, **named: object) -> SignedIn | None:
        """The account with this address, name of sessions, passkey handle or id. Addresses have no case."""
        ((name, value),) = named.items()
        if name == "id":
            return SignedIn(register.find_account(self.store, str(value)))
        known = {"email": "email", "fs_uniquifier": "uniquifier", "fs_webauthn_user_handle": "handle"}
        found = register.account_by(self.store, **{known[name]: str(value)})
        return None if found is None else SignedIn(found)

    def find_role(self, role: str) -> None:
        """There are none here."""

    def find_webauthn(self, credential_id: bytes) -> Credential | None:
        """The passkey with this credential."""
        found = register.account_of_passkey(self.store, credential_id)
        keys = () if found is None else found.passkeys
        return next((Credential(each) for each in keys if each.credential == credential_id), None)

    def create_webauthn(
        self,
        user: SignedIn,
        credential_id: bytes,
        public_key: bytes,
        name: str,
        sign_count: int,
        usage: str,
        device_type: str,
        backup_state: bool,
        transports: list[str] | None = None,
        extensions: str | None = None,
        **_: object,
    ) -> None:
        """Keep a new passkey of this account."""
        made = Passkey(
            id=secrets.token_hex(16),
            staff=user.id,
            credential=credential_id,
            public_key=public_key,
            name=name,
            sign_count=sign_count,
            transports=tuple(transports or ()),
            backed_up=backup_state,
            device=device_type,
            extensions=extensions,
            used=instant(datetime.now(UTC)),
        )
        with self.log.acting(Actor.of(user.staff), Act.ACCOUNT_FACTOR, factor="passkey", name=name):
            register.keep_passkey(self.store, made)
        user.webauthn.append(Credential(made))


def _changes(held: Secrets, kept: Secrets, fresh: str | None) -> Iterator[tuple[Act, str]]:
    """What the staff log is told: the act, and the factor where it is about one. A password is changed with
    the name of the sessions; without it, its hash was only made stronger.
    """
    if fresh is not None:
        yield Act.ACCOUNT_PASSWORD, ""
    if kept.totp != held.totp:
        yield Act.ACCOUNT_FACTOR, "no_code" if kept.totp is None else "code"
    if kept.recovery != held.recovery:
        used = set(kept.recovery) < set(held.recovery)
        yield Act.ACCOUNT_FACTOR, "recovery_code_used" if used else "recovery_codes"
