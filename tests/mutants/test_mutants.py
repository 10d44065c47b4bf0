"""The mutation tester itself: it makes the mistakes it should, tells tests that notice from tests that do
not, and never touches the tree that somebody works in.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants import copies, excuses, measuring, scope
from tests.mutants.choosing import choose
from tests.mutants.measuring import Measured
from tests.mutants.operators import mutants_of
from tests.mutants.report import enough, written
from tests.mutants.running import KILLED, SURVIVED, UNTESTED, Nursery, Placed

SMALL = '''"""A module."""

LIMIT = 3


def admit(number: int, *, check: str = "1.2") -> int:
    """The number, doubled."""
    if number < LIMIT or number > 100:
        raise ValueError("too small", check)
    return number * 2


def idle() -> bool:
    return False
'''
NOTICES = """import pytest
from surveys.small import admit

@pytest.mark.parametrize(("number", "doubled"), [(3, 6), (100, 200)])
def test_numbers_are_doubled(number, doubled):
    assert admit(number) == doubled

@pytest.mark.parametrize("number", [2, 101])
def test_others_are_refused(number):
    with pytest.raises(ValueError) as told:
        admit(number)
    assert told.value.args[1] == "1.2"
"""
NOTICES_NOTHING = """from surveys.small import admit

def test_it_runs():
    admit(3)
"""


def _changes(source: str) -> set[tuple[str, str]]:
    return {(mutant.before, mutant.after) for mutant in mutants_of(source)}


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a < b", {("a < b", "(a <= b)"), ("a < b", "(a >= b)"), ("a < b", "pass")}),
        ("x = a == b != c", {("a == b != c", "(a != b != c)"), ("a == b != c", "(a == b == c)")}),
        ("x = a and not b", {("a and not b", "(a or not b)"), ("not b", "(b)")}),
        ("x = a + b * 2", {("a + b * 2", "(a - b * 2)"), ("b * 2", "(b + 2)"), ("2", "(3)")}),
        ("x = b'tag'", {("b'tag'", "(b'tag!')")}),
        ("check(a)", {("check(a)", "pass")}),
        ("if ready(): go = 1", {("ready()", "(not (ready()))"), ("1", "(2)")}),
        ("raise Refused('in words', check='7.2', why='told')", {
            ("raise Refused('in words', check='7.2', why='told')", "pass"),
            ("'7.2'", "('7.2!')"),
        }),
        ("for a in b:\n    break", {("break", "continue")}),
        ("x += 1", {("x += 1", "pass"), ("x += 1", "x -= 1"), ("1", "(2)")}),
        ("x = min(sorted(a, key=f))", {
            ("min(sorted(a, key=f))", "(max(sorted(a, key=f)))"),
            ("sorted(a, key=f)", "(list(a))"),
        }),
        ("x = 'ố' + y", {("'ố' + y", "('ố' - y)"), ("'ố'", "('ố!')")}),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_is_made(source: str, changes: set[tuple[str, str]]) -> None:
    assert _changes(source) == changes


@pytest.mark.parametrize(
    "source",
    [
        '"""Words."""',
        "def f(a: 'Name' = b) -> 'Other': ...",
        "assert a < b",
        "from a import b",
        "__slots__ = ('a', 'b')",
        "x = NewType('x', str)",
        "x = f'{a + b}'",
        "x = zip(a, b, strict=True)",
        "if TYPE_CHECKING: x = 1",
        "@dataclass(frozen=True)\nclass A: b: int | None",
    ],
)
def test_what_no_test_should_hold_is_left_alone(source: str) -> None:
    assert {change for change in _changes(source) if change[1] != "pass"} == set()


def test_each_mutant_is_the_module_with_one_line_changed() -> None:
    mutants = mutants_of(SMALL)
    assert len({mutant.source for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        pairs = zip(SMALL.splitlines(), mutant.source.splitlines(), strict=True)
        assert [at for at, (old, new) in enumerate(pairs, 1) if old != new] == [mutant.line]
        assert SMALL.splitlines()[mutant.line - 1].strip() == mutant.text


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with one module, and the part of the tester that runs beside the tests."""
    tree = tmp_path_factory.mktemp("mutants") / "tree"
    for name in ("__init__", "nursery", "plugin"):
        copies.put(tree / f"tests/mutants/{name}.py", (scope.ROOT / f"tests/mutants/{name}.py").read_bytes())
    for name, text in (
        ("surveys/__init__.py", ""),
        ("surveys/small.py", SMALL),
        ("tests/test_notices.py", NOTICES),
        ("tests/test_nothing.py", NOTICES_NOTHING),
    ):
        copies.put(tree / name, text.encode())
    return tree


@pytest.fixture(scope="module")
def nursery(tree: Path) -> Iterator[Nursery]:
    with Nursery(tree, libraries=()) as started:
        yield started


def _verdicts(nursery: Nursery, name: str) -> dict[str, set[str]]:
    """What became of each mutant of the small module under one file of tests."""
    measured, found, tree = Measured({}, {}, {}), dict[str, set[str]](), nursery.tree
    target = tree.parent / f"{name}.json"
    measuring.run(tree, f"tests/{name}.py", target)
    measuring.add(measured, f"tests/{name}.py", target)
    for mutant in mutants_of(SMALL):
        verdict = nursery.judge(Placed("surveys/small.py", mutant), measured)
        found.setdefault(verdict, set()).add(f"{mutant.before} → {mutant.after}")
    assert (tree / "surveys/small.py").read_text() == SMALL
    return found


def test_tests_that_look_notice_all_but_what_they_never_run(nursery: Nursery) -> None:
    found = _verdicts(nursery, "test_notices")
    assert set(found) == {KILLED, UNTESTED}
    assert found[UNTESTED] == {"False → (True)"}


def test_the_twin_that_only_runs_the_lines_has_survivors(nursery: Nursery) -> None:
    found = _verdicts(nursery, "test_nothing")
    assert {"3 → (4)", "number * 2 → (number + 2)", "2 → (3)"} & found[SURVIVED]


def test_tests_that_fail_without_a_mutant_are_no_judges(nursery: Nursery) -> None:
    name, tree = "tests/test_wrong.py", nursery.tree
    copies.put(tree / name, b"def test_wrong(): assert False\n")
    with pytest.raises(RuntimeError, match="fails without a mutant"):
        measuring.run(tree, name, tree.parent / "wrong.json")
    measured = Measured({f"{name}::test_wrong": 0.1}, {"surveys/small.py": {3: [f"{name}::*"]}}, {})
    nursery.judged = 0
    with pytest.raises(RuntimeError, match="fail without a mutant"):
        nursery.judge(Placed("surveys/small.py", mutants_of(SMALL)[0]), measured)


def test_the_quick_tests_of_a_line_come_first_and_the_rest_of_their_files_last() -> None:
    measured = Measured(
        {"a::slow": 5.0, "a::quick": 0.1, "a::other": 0.2, "b::all": 1.0, "c::far": 0.1, "a::endless": 500.0},
        {"m": {1: [], 7: ["a::slow", "a::quick"], 8: ["b::*"]}, "tables": {1: []}},
        {"m": ["a::*", "b::*"], "tables": ["b::*"]},
    )
    assert choose(measured, "m", range(7, 9)) == [["a::quick", "a::slow", "b::all"], ["a::other"]]
    assert choose(measured, "m", [8]) == [["b::all"]]
    assert choose(measured, "m", [1]) == [
        ["a::quick", "a::slow", "b::all"],
        ["a::other"],
    ]  # read with the module
    assert choose(measured, "tables", [1]) == [["b::all"]]
    assert choose(measured, "m", [99]) == []


def test_a_copy_is_put_right_after_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, tree = tmp_path / "own", tmp_path / "tree"
    copies.put(own / "surveys/small.py", SMALL.encode())
    copies.put(own / ".gitignore", b"node_modules/")
    copies.put(own / "client/node_modules/library.js", b"1")
    subprocess.run(["git", "init", "-q", own], check=True)
    monkeypatch.setattr(copies, "ROOT", own)
    copies.renew(tree)
    copies.put(tree / "surveys/small.py", mutants_of(SMALL)[0].source.encode(), 5)
    copies.put(tree / "surveys/left.py", b"")
    copies.renew(tree)
    assert (tree / "surveys/small.py").read_text() == SMALL
    assert not (tree / "surveys/left.py").exists()
    assert (tree / "client/node_modules/library.js").read_bytes() == b"1"


def test_nine_in_ten_are_enough_and_survivors_are_named() -> None:
    some = [Placed("surveys/small.py", mutant) for mutant in mutants_of(SMALL)[:10]]
    known = {one.id: KILLED for one in some} | {some[3].id: SURVIVED}
    assert enough(some, known)
    assert not enough(some, known | {some[4].id: UNTESTED})
    told = written({"surveys/small.py": some}, known, 13)
    assert "9 of 10 noticed (90 %)" in told
    assert f"surveys/small.py:{some[3].mutant.line}: " in told


def test_every_excuse_has_a_reason_and_a_mutant() -> None:
    for one in excuses.excuses():
        modules = (
            [one.module] if one.module else [name for place in scope.PARTS for name in scope.modules(place)]
        )
        texts = ((name, (scope.ROOT / name).read_text("utf-8")) for name in modules)
        mutants = (
            Placed(name, each) for name, text in texts if one.line in text for each in mutants_of(text)
        )
        assert any(excuses.excuse(mutant) == one for mutant in mutants), one


def test_every_place_and_every_file_of_tests_is_there() -> None:
    assert all(scope.modules(place) for place in scope.PARTS)
    assert all((scope.ROOT / name).is_file() for name in scope.test_files())
    with pytest.raises(FileNotFoundError):
        scope.modules("surveys/nowhere")
