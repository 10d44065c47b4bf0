"""Members who err or cheat, over the wire: each is named, nothing of theirs is kept, and the others go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from surveys.cli import main
from surveys.committee.checking import BOARD, Examined, examine
from surveys.committee.errors import ServerRefused
from surveys.committee.server import Server
from surveys.committee.service import CommitteeState
from surveys.committee.trustee import Trustee
from surveys.protocol import canonical
from surveys.protocol.agreement import Cosigners, decode_agreement
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.ceremony import Ceremony, Deal, commits_hash, deal_message, election_keys
from surveys.protocol.ceremony_checks import decode_ceremony
from surveys.protocol.codes import write_sheet
from surveys.protocol.group import BASE, Point
from surveys.protocol.manifest import decode_definition, decode_manifest
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.secret.decrypt import decrypt_sums
from surveys.protocol.shares import Share, ShareContext
from surveys.rounds.states import State
from tests.journeys.test_committee import Committee, a_committee
from tests.opening import AT, opened_by

SEEDS = [bytes([i]) * 32 for i in (1, 2, 3)]


@dataclass
class Scene:
    """A committee over the wire, with everybody's sheets."""

    committee: Committee
    servers: list[Server]

    def record(self) -> Ceremony:
        return decode_ceremony(self.servers[0].get("ceremony"))

    @property
    def trustees(self) -> list[Trustee]:
        return [Trustee(seed, i) for i, seed in enumerate(SEEDS, 1)]

    def sheet(self, i: int) -> Sheet:
        return Sheet(SEEDS[i - 1], decode_definition(self.servers[0].get("definition")), 1, i)

    def send(self, i: int, kind: str, message: Mapping[str, object]) -> CommitteeState:
        return self.servers[i - 1].send(kind, canonical.encode(message))

    def refused(self, i: int, kind: str, message: Mapping[str, object]) -> str:
        before = self.servers[0].get("ceremony")
        with pytest.raises(ServerRefused) as caught:
            self.send(i, kind, message)
        assert self.servers[0].get("ceremony") == before  # nothing was kept
        return caught.value.name

    def commit_all(self) -> None:
        definition = decode_definition(self.servers[0].get("definition"))
        for i, trustee in enumerate(self.trustees, 1):
            self.send(i, "commit", trustee.commit(definition, 1).as_json())

    def deals(self) -> list[Deal]:
        definition = decode_definition(self.servers[0].get("definition"))
        return [trustee.deal(definition, 1, self.record().commits) for trustee in self.trustees]

    def signed(self, i: int, deal: Deal) -> Deal:
        """The deal under the dealer's own signature."""
        definition = decode_definition(self.servers[0].get("definition"))
        hashed = commits_hash(definition.digest, 1, self.record().commits)
        bare = replace(deal, signature=b"")
        return replace(bare, signature=self.sheet(i).sign(deal_message(hashed, i, bare.unsigned_json())))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_committee(tmp_path / "instance", voters=8) as committee:
        links = [committee.link(i).replace("?lang=en", "") for i in (1, 2, 3)]
        yield Scene(committee, [Server(link) for link in links])


def test_wrong_commitment_and_identity_key(scene: Scene) -> None:
    good = scene.sheet(1).commit().as_json()
    wrong = {**good, "commitment": "00" * 32}
    assert scene.refused(1, "commit", wrong) == "BadSignature"
    assert scene.refused(1, "commit", {**good, "sign_key": "01" + "00" * 31}) == "BadSignature"


def test_duplicate_member_and_stale_ceremony(scene: Scene) -> None:
    definition = decode_definition(scene.servers[0].get("definition"))
    one = scene.trustees[0].commit(definition, 1)
    scene.send(1, "commit", one.as_json())
    assert scene.refused(2, "commit", one.as_json()) == "ForeignTrustee"
    later = scene.trustees[1].commit(definition, 2)
    assert scene.refused(2, "commit", later.as_json()) == "BadSignature"


def test_replayed_message_changes_nothing_and_another_is_refused(scene: Scene) -> None:
    definition = decode_definition(scene.servers[0].get("definition"))
    message = scene.trustees[0].commit(definition, 1).as_json()
    first = scene.send(1, "commit", message)
    assert scene.send(1, "commit", message) == first
    other = Trustee(bytes(32), 1).commit(definition, 1)
    assert scene.refused(1, "commit", other.as_json()) == "StaleMessage"


def test_missing_member_is_waited_for(scene: Scene) -> None:
    definition = decode_definition(scene.servers[0].get("definition"))
    for i in (1, 2):
        scene.send(i, "commit", scene.trustees[i - 1].commit(definition, 1).as_json())
    commits = [*scene.record().commits, scene.trustees[2].commit(definition, 1)]
    early = scene.trustees[0].deal(definition, 1, commits)
    assert scene.refused(1, "deal", early.as_json()) == "TooEarly"


def test_reveal_that_does_not_match_the_commit_and_identity_point(scene: Scene) -> None:
    scene.commit_all()
    deals = scene.deals()
    other = Sheet(bytes(32), decode_definition(scene.servers[0].get("definition")), 1, 1).deal(
        scene.record().commits
    )
    assert scene.refused(1, "deal", scene.signed(1, other).as_json()) == "Inconsistent"
    said: Any = deals[0].as_json()
    identity = {**said, "points": ["00" * 32, *said["points"][1:]]}
    assert scene.refused(1, "deal", identity) == "Malformed"


def test_a_dealer_of_a_wrong_share_is_named_and_the_ceremony_begins_again_without_them(
    scene: Scene, tmp_path: Path
) -> None:
    scene.commit_all()
    deals = scene.deals()
    shares = (deals[1].shares[2], *deals[1].shares[1:])
    bad = scene.signed(2, replace(deals[1], shares=shares))
    for i, deal in ((1, deals[0]), (2, bad), (3, deals[2])):
        scene.send(i, "deal", deal.as_json())
    paper = tmp_path / "sheet.txt"
    paper.write_text(" ".join(write_sheet(SEEDS[0])), "ascii")
    link = scene.committee.link(1).replace("?lang=en", "")
    done = CliRunner().invoke(main, ["trustee", "confirm", "--yes", "--sheet", str(paper), "--server", link])
    assert done.exit_code == 1
    assert "deals[1]" in done.output
    state = Server(link).state()
    assert [(each.by, each.dealer, each.check) for each in state.complaints] == [(1, 2, "5.5")]
    instance = ["--instance", str(scene.committee.settings.instance)]
    scene.committee.stores.keyring.save(scene.committee.settings.instance / "keyring.json")
    again = CliRunner().invoke(
        main,
        [
            "committee",
            "restart",
            scene.committee.round_id,
            *(f"--trustee={n}" for n in ("Một", "Tư", "Ba")),
            *instance,
        ],
    )
    assert again.exit_code == 0, again.output
    with pytest.raises(ServerRefused, match="NoSuchLink"):
        scene.servers[0].state()
    fresh = Server(scene.committee.link(2).replace("?lang=en", "")).state()
    assert (fresh.attempt, fresh.stage, fresh.complaints) == (2, "commit", ())
    assert fresh.names == ("Một", "Tư", "Ba")
    few = CliRunner().invoke(
        main, ["committee", "restart", scene.committee.round_id, "--trustee=A", "--trustee=B", *instance]
    )
    assert few.exit_code == 1


def finish(scene: Scene) -> None:
    """Ceremony, vote, close; until the count has begun."""
    scene.commit_all()
    for i, deal in enumerate(scene.deals(), 1):
        scene.send(i, "deal", deal.as_json())
    manifest, record = decode_manifest(scene.servers[0].get("manifest")), scene.record()
    for i, trustee in enumerate(scene.trustees, 1):
        confirmed = trustee.confirm(manifest, 1, record.commits, record.deals)
        scene.send(i, "confirm", confirmed.as_json())
    scene.committee.open_vote_close()
    while scene.servers[0].state().stage != "cosign":
        pass


def members_of(scene: Scene) -> dict[str, bytes]:
    """What a member's client fetches before it cosigns."""
    ways = {"board.bin": "board", "checkpoint.txt": "checkpoint"}
    return {name: scene.servers[0].get(ways.get(name, name.removesuffix(".json"))) for name in BOARD}


def remade(
    scene: Scene,
    examined: Examined,
    change: Callable[[list[Point], ShareContext], tuple[list[Point], ShareContext]],
) -> Share:
    """A share over other sums or another context, with a proof and a signature of its own."""
    manifest, record = examined.manifest, examined.ceremony
    context = ShareContext(manifest.hash, examined.checkpoint.root, examined.plan.digest)
    bases, context = change([alpha for alpha, _ in examined.sums], context)
    sheet = Sheet(SEEDS[0], manifest.definition, 1, 1)
    secret = sheet.secret_share(record.commits, record.deals)
    keys = election_keys(manifest.definition.digest, 1, record.commits, record.deals)
    return decrypt_sums(sheet, secret, keys.verification_keys[0], context, Cosigners((1, 2, 3)), bases)


def test_shares_that_are_not_of_these_sums_are_named_and_the_count_goes_on(scene: Scene) -> None:
    finish(scene)
    assert scene.committee.state is State.COUNTING
    members = members_of(scene)
    examined = examine(members)
    single = decode_ballot(cut(members["board.bin"])[0], examined.manifest).rows[0].alpha
    too_early = remade(scene, examined, lambda bases, c: (bases, c))
    assert scene.refused(1, "share", too_early.as_json()) == "Missing"
    for i, trustee in enumerate(scene.trustees, 1):
        scene.send(i, "cosign", trustee.cosign(examined, AT).as_json())
    assert scene.servers[0].state().stage == "count"
    foreign = scene.trustees[1].cosign(examined, AT).as_json()
    assert scene.refused(1, "cosign", foreign) == "ForeignTrustee"
    own = scene.trustees[0].cosign(examined, AT).as_json()
    assert scene.refused(1, "cosign", {**own, "checkpoint": "00" * 64}) == "BadSignature"
    agreement = decode_agreement(scene.servers[0].get("agreement"))
    share = opened_by(scene.trustees[0], examined, agreement)
    cases: dict[str, Share] = {
        "wrong share": replace(share, points=(share.points[0] + BASE, *share.points[1:])),
        "share for another round": remade(scene, examined, lambda b, c: (b, replace(c, manifest=bytes(32)))),
        "proof over another statement": remade(scene, examined, lambda b, c: (b, replace(c, plan=bytes(32)))),
        "partial decryption of a ballot instead of a sum": remade(
            scene, examined, lambda b, c: ([single, *b[1:]], c)
        ),
        "a sum missing": remade(scene, examined, lambda b, c: (b[1:], c)),
        "somebody named absent who was there": replace(share, cosigners=Cosigners((1, 2, 3), (3,))),
    }
    for name, forged in cases.items():
        assert scene.refused(1, "share", forged.as_json()) in {"BadProof", "BadSignature", "Inconsistent"}, (
            name
        )
        assert scene.servers[0].state().shares == ()
    assert scene.refused(1, "share", replace(share, trustee=2).as_json()) == "ForeignTrustee"
    for i in (2, 3):
        scene.send(i, "share", opened_by(scene.trustees[i - 1], examined, agreement).as_json())
    assert scene.refused(1, "share", share.as_json()) == "EnoughShares"


def cut(board: bytes) -> list[bytes]:
    """The ballots of board.bin."""
    ballots, at = [], 0
    while at < len(board):
        length = int.from_bytes(board[at : at + 4], "big")
        ballots.append(board[at + 4 : at + 4 + length])
        at += 4 + length
    return ballots


def test_a_second_board_is_refused_after_a_restart_too(scene: Scene, tmp_path: Path) -> None:
    finish(scene)
    paper, kept = tmp_path / "sheet.txt", tmp_path / "sheet.txt.agreed"
    paper.write_text("\n".join(write_sheet(SEEDS[1])), "ascii")
    manifest = decode_manifest(scene.servers[0].get("manifest"))
    before = {"agreed": {manifest.hash.hex(): "11" * 32}, "seen": {}}
    kept.write_text(json.dumps(before), "ascii")
    examined = examine(members_of(scene))
    for i in (1, 3):
        scene.send(i, "cosign", scene.trustees[i - 1].cosign(examined, AT).as_json())
    link = scene.committee.link(2).replace("?lang=en", "")
    command = ["trustee", "count", "--yes", "--sheet", str(paper), "--server", link]
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, "another board" in done.output) == (1, True), done.output
    kept.unlink()
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    held = json.loads(kept.read_text("ascii"))
    assert held["agreed"] == {manifest.hash.hex(): examined.agreed.hex()}
    assert list(held["seen"]) == [examined.agreed.hex()]
