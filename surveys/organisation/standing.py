"""What results are read against: units, posts, gradings and paper results as they stand. No name and no address is opened.

Only the codes of people who hold or held a post are decrypted, so this is quick enough for every page.
"""

from __future__ import annotations

from sqlalchemy import Engine, select, union

from surveys.organisation import models
from surveys.organisation.values import Grading, Organisation, PaperResult, Post, Unit
from surveys.stores.columns import Keyring
from surveys.stores.engines import reading


def load_standing(engine: Engine, keyring: Keyring) -> Organisation:
    """The organisation without its people; empty where none is imported. Reads only, in one transaction."""
    posts, papers, people = models.posts.c, models.paper_results, models.people.c
    columns = (posts.unit, posts.person, posts.title, posts.kind, posts.head, posts.subject, posts.electorate)
    concerned = union(select(posts.person), select(papers.c.person))
    with reading(engine) as connection:
        codes = {
            row.id: keyring.open("people", "code", row.id, row.code).decode()
            for row in connection.execute(
                select(people.id, people.code).where(people.id.in_(concerned))
            ).all()
        }
        return Organisation.of(
            [Unit(*row) for row in connection.execute(select(models.units)).all()],
            [],
            [
                Post(unit, codes[person], *rest)
                for unit, person, *rest in connection.execute(select(*columns)).all()
            ],
            [Grading(*row) for row in connection.execute(select(models.gradings))],
            [
                PaperResult(year, codes[person], *rest)
                for year, person, *rest in connection.execute(select(papers)).all()
            ],
        )
