"""The root of every refusal in the house.

Each room derives its own errors from `SurveysError`. An error carries facts (which check failed, where);
it knows no HTTP status and no language: `surveys/web/sentences.py` turns it into a status and a sentence.
"""


class SurveysError(Exception):
    """A refusal with a reason a person can act on. Nothing was stored when it is raised."""
