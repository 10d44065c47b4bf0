"""Random organisations that obey the rules of an import, drawn from few codes so that two of them overlap."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from surveys.names import PersonCode
from surveys.organisation.values import Grade, Grading, Organisation, PaperResult, Person, Post, Unit
from tests.codes import units

CODES = units("A", "B", "C", "D", "E", "=1")
PEOPLE = [PersonCode(code) for code in CODES]
_SEEN = st.characters(
    exclude_categories=("C", "Z"), exclude_characters="\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
)
NAMES = st.one_of(
    st.sampled_from(
        [
            "=SUM(A1)",
            "+84",
            "-",
            "@x",
            "'x",
            '"x"',
            "Nguyễn Thị Ánh",
            "_x0041_",
            "7.0",
            "1E3",
            "TRUE",
            "x" * 300,
            "ế" * 300,
        ]
    ),
    st.text(_SEEN, min_size=1, max_size=12)
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(
        lambda text: (
            text.isprintable()
            and not any(
                0xFE00 <= ord(c) < 0xFE10 or 0x180B <= ord(c) < 0x1810 or ord(c) >= 0xE0000 for c in text
            )
        )
    ),
)


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    codes = draw(st.permutations(CODES))[: draw(st.integers(1, len(CODES)))]
    tree = [
        Unit(
            code,
            None if i == 0 else draw(st.sampled_from(codes[:i])),
            draw(NAMES),
            draw(st.none() | NAMES),
            draw(st.sampled_from(["x", "y"])),
        )
        for i, code in enumerate(codes)
    ]
    unit, flag = st.sampled_from(codes), st.booleans()
    people = [
        Person(code, draw(NAMES), draw(unit), draw(st.sampled_from([None, "a@b.vn", "c@d.vn"])), draw(flag))
        for code in draw(st.lists(st.sampled_from(PEOPLE), unique=True))
    ]
    if not people:
        return Organisation.of(tree, people, [])
    person = st.sampled_from([each.code for each in people])
    posts = draw(
        st.lists(
            st.builds(
                Post,
                unit,
                person,
                st.sampled_from(["=t", "u"]),
                st.sampled_from(["party", "professional"]),
                flag,
                flag,
                st.just("unit"),
            ),
            max_size=6,
            unique_by=lambda post: post.key,
        )
    )
    gradings = draw(
        st.lists(
            st.builds(Grading, unit, st.integers(2024, 2026), st.sampled_from(tuple(Grade))),
            max_size=4,
            unique_by=lambda g: g.key,
        )
    )
    count = st.integers(0, 9)
    history = [
        PaperResult(
            year,
            who,
            where,
            draw(st.sampled_from([None, h + p + lo + n, 99])),
            h + p + lo + n,
            h,
            p,
            lo,
            n,
            draw(st.none() | NAMES),
        )
        for year, who, where, h, p, lo, n in draw(
            st.lists(
                st.tuples(st.integers(2024, 2025), person, unit, count, count, count, count),
                max_size=4,
                unique_by=lambda row: row[:3],
            )
        )
    ]
    return Organisation.of(tree, people, posts, gradings, history)
