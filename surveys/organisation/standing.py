"""What results are read against: units, posts, gradings and paper results as they stand. No name and no
address is opened.

Only the codes of people who hold or held a post are decrypted, so this is quick enough for every page.
"""

from __future__ import annotations

from sqlalchemy import select, union

from surveys.names import PersonCode
from surveys.organisation import models
from surveys.organisation.values import Grade, Grading, Organisation, PaperResult, Post, PostKind, Scope, Unit
from surveys.stores.store import Store


def load_standing(store: Store) -> Organisation:
    """The organisation without its people; empty where none is imported. Reads only, in one transaction."""
    posts, papers, people = models.posts.c, models.paper_results, models.people.c
    columns = (posts.unit, posts.person, posts.title, posts.kind, posts.head, posts.subject, posts.electorate)
    concerned = union(select(posts.person), select(papers.c.person))
    with store.reading() as connection:
        codes = {
            row.id: PersonCode(store.keyring.open("people", "code", row.id, row.code).decode())
            for row in connection.execute(
                select(people.id, people.code).where(people.id.in_(concerned))
            ).all()
        }
        return Organisation.of(
            [Unit(*row) for row in connection.execute(select(models.units)).all()],
            [],
            [
                Post(unit, codes[person], title, PostKind(kind), head, subject, Scope(over))
                for unit, person, title, kind, head, subject, over in connection.execute(
                    select(*columns)
                ).all()
            ],
            [
                Grading(unit, year, Grade(grade))
                for unit, year, grade in connection.execute(select(models.gradings))
            ],
            [
                PaperResult(year, codes[person], *rest)
                for year, person, *rest in connection.execute(select(papers)).all()
            ],
        )
