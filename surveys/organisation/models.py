"""Tables of the organisation in the app store. Codes, names and addresses of people are encrypted columns."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from surveys.stores.moments import Moment

metadata = MetaData()


def _unit(*, primary_key: bool = False) -> Column[str]:
    reference = ForeignKey("units.code", deferrable=True, initially="DEFERRED")
    return Column("unit", String(100), reference, nullable=False, primary_key=primary_key)


def _person(*, primary_key: bool = False) -> Column[str]:
    reference = ForeignKey("people.id", deferrable=True, initially="DEFERRED")
    return Column("person", String(32), reference, nullable=False, primary_key=primary_key)


def _found_by(table: str, column: str) -> Index:
    """Without it every unit or person that goes costs a walk through all rows that could refer to it."""
    return Index(f"{table}_{column}", column)


units = Table(
    "units",
    metadata,
    Column("code", String(100), primary_key=True),
    Column("parent", String(100), ForeignKey("units.code", deferrable=True, initially="DEFERRED")),
    Column("name", String(300), nullable=False),
    Column("name_en", String(300)),
    Column("kind", String(100), nullable=False),
    _found_by("units", "parent"),
)

people = Table(
    "people",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code_index", LargeBinary, nullable=False, unique=True),
    Column("code", LargeBinary, nullable=False),
    Column("name", LargeBinary, nullable=False),
    _unit(),
    Column("email", LargeBinary),
    Column("votes", Boolean, nullable=False),
    _found_by("people", "unit"),
)

posts = Table(
    "posts",
    metadata,
    Column("id", String(32), primary_key=True),
    _unit(),
    _person(),
    Column("title", String(300), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("head", Boolean, nullable=False),
    Column("subject", Boolean, nullable=False),
    Column("electorate", String(20), nullable=False),
    UniqueConstraint("unit", "person", "title", "kind"),
    _found_by("posts", "person"),
)

gradings = Table(
    "gradings",
    metadata,
    _unit(primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("grade", String(20), nullable=False),
)

paper_results = Table(
    "paper_results",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    _person(primary_key=True),
    _unit(primary_key=True),
    Column("summoned", Integer),
    Column("returned", Integer, nullable=False),
    Column("high", Integer, nullable=False),
    Column("plain", Integer, nullable=False),
    Column("low", Integer, nullable=False),
    Column("not_marked", Integer, nullable=False),
    Column("title", String(300)),
    _found_by("paper_results", "person"),
    _found_by("paper_results", "unit"),
)

# One row: how often the organisation was changed. Whoever changes it raises the number in the same
# transaction.
revisions = Table(
    "organisation_revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
)

# An import that waits for its confirmation, one an account. What it holds is sealed: the files, the errors,
# or the changes.
waiting_imports = Table(
    "waiting_imports",
    metadata,
    Column("holder", String(64), primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("state", String(12), nullable=False),
    Column("unit", String(100)),
    Column("revision", Integer),
    Column("made", Moment, nullable=False),
    Column("head", LargeBinary, nullable=False),
)

waiting_pieces = Table(
    "waiting_pieces",
    metadata,
    Column("waiting", String(32), ForeignKey("waiting_imports.id"), primary_key=True),
    Column("part", String(40), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
