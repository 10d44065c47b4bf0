"""Whether an instance was made by the demonstration, as the app store itself says: so it stays known in a
backup that is restored.

Danger: the demonstration publishes invented results and makes an administrator whose password lies in a file.
Beside a real organisation that would be invented results about real leaders; so it works only in an instance
that was empty when it began.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    inspect,
    literal,
    select,
    table,
    update,
)

from surveys.errors import SurveysError
from surveys.stores.engines import reading

metadata = MetaData()

instance_facts = Table(
    "instance_facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

_ORIGIN, _DEMONSTRATION = "origin", "demonstration"
_KEYRING = "keyring"
# What a new app store holds before anybody has entered anything.
_ALWAYS_THERE = frozenset({"alembic_version", "organisation_revision", instance_facts.name})


class TheDemonstrations(SurveysError):
    """The demonstration made this instance: its password and slips lie in files, so nothing real may come
    into it.
    """


class NotTheDemonstrations(SurveysError):
    """This instance holds data that the demonstration did not make."""


def is_demonstration(engine: Engine) -> bool:
    """Whether the demonstration made everything that this instance began with."""
    with reading(engine) as connection:
        return _is_demonstration(connection)


def claim_for_demonstration(engine: Engine) -> None:
    """Make an empty instance the demonstration's, for ever; nothing happens where it is that already.

    Looks and writes in one transaction. Raises NotTheDemonstrations where anything at all is stored: then
    nothing was changed.
    """
    with engine.begin() as connection:
        if _is_demonstration(connection):
            return
        if _anything(connection):
            raise NotTheDemonstrations("this instance holds data that the demonstration did not make")
        connection.execute(instance_facts.insert().values(name=_ORIGIN, value=_DEMONSTRATION))


def forbid_demonstration(engine: Engine) -> None:
    """Raises TheDemonstrations where the demonstration made this instance."""
    if is_demonstration(engine):
        raise TheDemonstrations("the demonstration made this instance; what is real needs one of its own")


def require_demonstration(engine: Engine) -> None:
    """Raises NotTheDemonstrations unless the demonstration made this instance."""
    if not is_demonstration(engine):
        raise NotTheDemonstrations("this instance is not the demonstration's")


def is_keyring_known(engine: Engine, name: str, numbers: Collection[int]) -> bool:
    """Whether the keyring of this name, with keys of these numbers, is that of the stores: the first one that
    asks is, and from then on it and its successors. For stores that several hosts open, each with a keyring
    file of its own.
    """
    newest = f"{name} {max(numbers)}"
    where = instance_facts.c.name == _KEYRING
    with engine.begin() as connection:
        held = connection.execute(select(instance_facts.c.value).where(where)).scalar()
        if held is None:
            connection.execute(instance_facts.insert().values(name=_KEYRING, value=newest))
        elif held != newest:
            known, _, number = held.partition(" ")
            if known != name or int(number) not in numbers:
                return False
            connection.execute(update(instance_facts).where(where).values(value=newest))
    return True


def _is_demonstration(connection: Connection) -> bool:
    asked = select(instance_facts.c.value).where(instance_facts.c.name == _ORIGIN)
    return connection.execute(asked).scalar() == _DEMONSTRATION


def _anything(connection: Connection) -> bool:
    names = set(inspect(connection).get_table_names()) - _ALWAYS_THERE
    found = (select(literal(1)).select_from(table(name)).limit(1) for name in sorted(names))
    return any(connection.execute(each).first() is not None for each in found)
