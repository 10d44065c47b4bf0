"""The options that decide how a round's papers are headed, in which language, and to whom they go
(docs/protocol.md 4.1).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import click

from surveys.protocol.stationery import Letterhead, PaperLanguage, Stationery

Command = Callable[..., None]


def paper_options(command: Command) -> Command:
    """The command with these options, which it is given together as `papers`: a Stationery for the letterhead
    that is usual.
    """

    @wraps(command)
    def with_papers(
        *,
        letterhead: str | None,
        papers_in: str,
        issued_at: str,
        superior: str,
        recipients: tuple[str, ...],
        **others: object,
    ) -> None:
        def papers(usual: str) -> Stationery:
            head, language = Letterhead(letterhead or usual), PaperLanguage(papers_in)
            return Stationery(head, language, issued_at, superior, recipients)

        command(papers=papers, **others)

    for option in (
        click.option(
            "--recipient", "recipients", multiple=True, help="Who gets the minutes, as papers say it."
        ),
        click.option("--superior", default="", help="The body above the organisation, at the papers' head."),
        click.option("--issued-at", default="", help="Place of issue of the papers: a province or commune."),
        click.option(
            "--papers-in",
            type=click.Choice([each.value for each in PaperLanguage]),
            default=PaperLanguage.VI.value,
            show_default=True,
            help="The one language of the papers.",
        ),
        click.option(
            "--letterhead",
            type=click.Choice([each.value for each in Letterhead]),
            help="Whose rule the papers follow (default: TIN_NHIEM_LETTERHEAD).",
        ),
    ):
        with_papers = option(with_papers)
    return with_papers
