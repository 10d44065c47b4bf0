"""What an administrator does to accounts: invite, give and end roles, new links, second factors forgotten,
accounts ended.

Each verb checks in this order: the administrator's roles cover what is asked for, then the log, then the
register. Danger: who may give a role over a unit may do everything there; so nobody gives a role that reaches
beyond their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from surveys.accounts import invitations
from surveys.accounts import keeping as register
from surveys.accounts.errors import BadGrant, NoSuchStaff, NotYours
from surveys.accounts.roles import EVERYWHERE, Grant, Role, Staff, Tree, covers, may, require
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.names import PersonCode, UnitCode
from surveys.stores.store import Store

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Administration:
    """The accounts of an instance. `tree` gives the units as they stand, `now` is in UTC."""

    store: Store
    log: StaffLog
    tree: Callable[[], Tree]
    now: Callable[[], datetime]

    def seen_by(self, by: Staff) -> tuple[Staff, ...]:
        """The accounts with a role inside the administrator's units, by name; and those without any role."""
        tree = self.tree()
        return tuple(each for each in register.all_staff(self.store) if self._sees(by, each, tree))

    def one(self, by: Staff, staff_id: str) -> register.Account:
        """One of them. Raises NoSuchStaff for one that the administrator does not see."""
        account = register.find_account(self.store, staff_id)
        if not self._sees(by, account.staff, self.tree()):
            raise NoSuchStaff(staff_id)
        return account

    def invite(
        self, by: Staff, name: str, email: str, grant: Grant, person: PersonCode | None, reason: str
    ) -> tuple[Staff, str]:
        """A new account with a first role; the account and the token of its invitation.

        Raises NotYours, BadGrant or AddressTaken; nothing is changed then. Killed in between, the account has
        no password and gets a new link.
        """
        self._check(by, grant, person)
        facts = {"role": grant.role.value, "email": email, "person": person or ""}
        with self.log.acting(Actor.of(by), Act.ACCOUNT_INVITED, unit=_unit(grant), reason=reason, **facts):
            made = register.add_account(self.store, name=name, email=email, person=person, given=(grant,))
        return made, invitations.invite(self.store.engine, made.id, self.now())

    def grant(self, by: Staff, staff_id: str, grant: Grant, reason: str) -> Staff:
        """Give one more role. The same again changes nothing. Raises NotYours, NoSuchStaff or BadGrant."""
        account = self.one(by, staff_id).staff
        self._check(by, grant, account.person)
        return self._change(by, account, {*account.grants, grant}, grant, "given", reason)

    def end_grant(self, by: Staff, staff_id: str, grant: Grant, reason: str) -> Staff:
        """End a role. Raises NotYours, NoSuchStaff or LastAdministrator; nothing is changed then."""
        account = self.one(by, staff_id).staff
        require(by, ADMINISTRATORS, grant.unit, self.tree())
        return self._change(by, account, set(account.grants) - {grant}, grant, "ended", reason)

    def new_link(self, by: Staff, staff_id: str, reason: str) -> tuple[Staff, str]:
        """A new invitation, with which the account chooses another password; an earlier one ends. Raises
        NotYours or NoSuchStaff.
        """
        account = self._whole(by, staff_id)
        with self.log.acting(Actor.of(by), Act.ACCOUNT_INVITED, reason=reason, email=account.email):
            return account, invitations.invite(self.store.engine, staff_id, self.now())

    def forget_second_factors(self, by: Staff, staff_id: str, reason: str) -> Staff:
        """Somebody lost phone and recovery codes: they set up new ones after their password, and are signed
        out. Raises NotYours.
        """
        account = self._whole(by, staff_id)
        with self.log.acting(Actor.of(by), Act.ACCOUNT_FACTORS_FORGOTTEN, reason=reason, email=account.email):
            register.forget_second_factors(self.store, staff_id)
            register.sign_out_everywhere(self.store.engine, staff_id)
        return account

    def set_active(self, by: Staff, staff_id: str, active: bool, reason: str) -> Staff:
        """End an account, or let it in again. Raises NotYours or LastAdministrator; nothing is
        changed then.
        """
        account = self._whole(by, staff_id)
        state = "active" if active else "ended"
        with self.log.acting(
            Actor.of(by), Act.ACCOUNT_ACTIVE, reason=reason, email=account.email, state=state
        ):
            register.set_active(self.store.engine, staff_id, active)
        return replace(account, active=active)

    def _change(
        self, by: Staff, account: Staff, given: Collection[Grant], grant: Grant, how: str, reason: str
    ) -> Staff:
        facts = {"role": grant.role.value, "email": account.email, "how": how}
        with self.log.acting(Actor.of(by), Act.ACCOUNT_GRANTS, unit=_unit(grant), reason=reason, **facts):
            return register.change_grants(self.store, account.id, given)

    def _check(self, by: Staff, grant: Grant, person: PersonCode | None) -> None:
        tree = self.tree()
        if grant.unit != EVERYWHERE and grant.unit not in tree:
            raise BadGrant(f"there is no unit {grant.unit!r}")
        require(by, ADMINISTRATORS, grant.unit, tree)
        if grant.role is Role.LEADER and not person:
            raise BadGrant("a leader's account names the leader's code in the organisation")

    def _whole(self, by: Staff, staff_id: str) -> Staff:
        """An account all of whose roles lie inside the administrator's units: only such a one may be ended or
        let in anew.
        """
        account = self.one(by, staff_id).staff
        tree = self.tree()
        for grant in account.grants:
            if not may(by, ADMINISTRATORS, grant.unit, tree):
                raise NotYours((Role.ADMINISTRATOR,), grant.unit)
        return account

    def _sees(self, by: Staff, each: Staff, tree: Tree) -> bool:
        held = by.units(ADMINISTRATORS)
        if not each.grants:
            return EVERYWHERE in held
        return any(covers(tree, above, grant.unit) for above in held for grant in each.grants)


def _unit(grant: Grant) -> UnitCode | None:
    return None if grant.unit == EVERYWHERE else grant.unit
