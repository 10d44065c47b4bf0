"""Checks 11.1 to 12.5: the groups that were opened, their sums, the shares and the counts (docs/protocol.md
§11, §12).
"""

from __future__ import annotations

from surveys.audit.ballots import over
from surveys.audit.case import Case, TallyFile
from surveys.json_types import Json
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed, Missing, Rejected
from surveys.protocol.group import Point
from surveys.protocol.plan import decode_plan
from surveys.protocol.shares import ShareContext, check_share, read_share
from surveys.protocol.tally import TALLY_FORMAT, Sum, check_opening
from surveys.rules.together import Electorates, plan_round

MOST = canonical.MAX_INTEGER
MAX_TRUSTEES = 15


def plan(case: Case) -> None:
    """11.1: the published plan is the one that the clause gives for this board."""
    definition, by_panel = case.definition, case.ballots.by_panel
    decoded = decode_plan(case.bundle["plan.json"])
    if len(decoded.contests) != len(definition.contests):
        raise Inconsistent(check="11.1", where="plan.contests", why="not one entry for each contest")
    for c, panels in decoded.atoms():
        if max(panels) >= len(definition.panels):
            raise Inconsistent(check="11.1", where=f"plan.contests[{c}]", why="a panel that does not exist")
    case.plan = decoded
    for name, said, found in (
        ("manifest", decoded.manifest, case.manifest.hash),
        ("board", decoded.board, case.root),
        ("size", decoded.size, len(case.frames)),
        ("k", decoded.k, definition.k),
    ):
        if said != found:
            raise Inconsistent(check="11.1", where=f"plan.{name}", why="is not of this manifest and board")
    right = plan_round(
        Electorates(
            contests=[(contest.person, contest.panels) for contest in definition.contests],
            units=[panel.unit for panel in definition.panels],
            parents=definition.parents,
            k=definition.k,
        ),
        by_panel,
    )
    for i, (atoms_said, atoms_found) in enumerate(zip(decoded.contests, right, strict=True)):
        if atoms_said != atoms_found:
            raise Inconsistent(
                check="11.1", where=f"plan.contests[{i}]", why="not the groups that clause 11 gives"
            )


def atoms(case: Case) -> None:
    """11.2, whatever plan was published."""
    case.plan.check_atoms(case.definition, case.ballots.by_panel)


def sums(case: Case) -> None:
    """12.1: plan and sums of the tally file."""
    document = canonical.decode(case.bundle["tally.json"], check="12.1", where="tally")
    fields = Fields(document, check="12.1", where="tally")
    if fields.text("format", 100) != TALLY_FORMAT:
        raise Malformed(check="12.1", where="tally.format", why=f"not {TALLY_FORMAT}")
    named, pairs = fields.hex("plan", 32), fields.hex_lists("sums", 32)
    # What stands in these two is the matter of 12.3 and 12.5.
    told = TallyFile(fields.list("shares", MAX_TRUSTEES), fields.list("counts", MOST))
    fields.done()
    case.tally = told
    case.sums = found = tuple(
        over(case.ballots.sums, contest, panels) for contest, panels in case.plan.atoms()
    )
    if named != case.plan.digest:
        raise Inconsistent(check="12.1", where="tally.plan", why="not the hash of the plan")
    if len(pairs) != len(found):
        raise Inconsistent(
            check="12.1", where="tally.sums", why=f"{len(pairs)} sums, the plan has {len(found)} atoms"
        )
    for s, (pair, right) in enumerate(zip(pairs, found, strict=True)):
        # A point has one encoding: what equals that of the right sum needs no decoding.
        if [each.encode() for each in right] != pair and _sum(pair, f"tally.sums[{s}]") != right:
            raise Inconsistent(
                check="12.1", where=f"tally.sums[{s}]", why="not the sum of the ballots of this atom"
            )


def _sum(pair: list[bytes], where: str) -> Sum:
    if len(pair) != 2:
        raise Malformed(check="12.1", where=where, why="not a pair of points")
    alpha, beta = (Point.decode(raw, check="12.1", where=where, identity=True) for raw in pair)
    return alpha, beta


def shares(case: Case) -> None:
    """12.3. A share that fails is left out; the first that fails is named."""
    keys, sign_keys, found = case.keys, case.sign_keys, case.sums
    context = ShareContext(case.manifest.hash, case.root, case.plan.digest)
    bases = [alpha for alpha, _ in found]
    refusals: list[Rejected] = []
    valid = []
    given = case.tally.shares
    for i, each in enumerate(given):
        where = f"tally.shares[{i}]"
        try:
            share = read_share(Fields(each, check="12.3", where=where))
            if share.trustee > len(sign_keys):
                raise Missing(check="12.3", where=f"{where}.trustee", why="no such trustee")
            m = share.trustee - 1
            check_share(share, context, keys.verification_keys[m], sign_keys[m], bases, where)
        except Rejected as refusal:
            refusals.append(refusal)
        else:
            valid.append(share)
        case.workforce.progress("12.3", i + 1, len(given))
    case.shares = tuple(valid)
    if refusals:
        raise refusals[0]


def enough_shares(case: Case) -> None:
    """12.4."""
    valid, threshold = case.shares, case.definition.threshold
    trustees = [share.trustee for share in valid]
    if sorted(set(trustees)) != trustees:
        raise Inconsistent(
            check="12.4", where="tally.shares", why="not of different trustees in ascending order"
        )
    if len(trustees) < threshold:
        raise Missing(
            check="12.4", where="tally.shares", why=f"{len(trustees)} valid shares, not {threshold}"
        )
    case.opened = valid


def counts(case: Case) -> None:
    """12.5."""
    definition, found, by_panel, opened = case.definition, case.sums, case.ballots.by_panel, case.opened
    most = [sum(by_panel[p] for p in panels) for _, panels in case.plan.atoms()]
    rows = case.tally.counts
    if len(rows) != len(found):
        raise Inconsistent(check="12.5", where="tally.counts", why="not one list for each sum")
    given = [
        _counts(row, len(definition.levels), n, f"tally.counts[{s}]")
        for s, (row, n) in enumerate(zip(rows, most, strict=True))
    ]
    case.counts = given
    check_opening(found, opened, definition.threshold, given, most, len(definition.levels))


def _counts(row: Json, levels: int, most: int, where: str) -> tuple[int, ...]:
    if not isinstance(row, list) or len(row) != levels:
        raise Malformed(check="12.5", where=where, why=f"not {levels} counts")
    counts = []
    for n in row:
        if isinstance(n, bool) or not isinstance(n, int) or n < 0:
            raise Malformed(check="12.5", where=where, why="not a count")
        counts.append(n)
    if sum(counts) > most:
        raise Inconsistent(check="12.5", where=where, why=f"more than {most} ballots")
    return tuple(counts)
