"""What voters are told, read by the booth: what the server writes is read the same, and every other form is
refused (docs/protocol.md 15.7).
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from surveys.instants import instant_text, read_instant
from surveys.protocol import canonical
from surveys.protocol.errors import Malformed
from surveys.stores.notices import MOST_OCTETS, Announcements, Answer, Notice
from tests.client.node import node
from tests.published import CLOSED, a_definition, the_results

LATER = read_instant("2026-11-02T12:00:00Z")
TOLD = Announcements(
    answers=(
        Answer(0, "Vì sao “chậm”?", ("Đoạn một.", "Đoạn hai <b>&amp;</b>."), False),
        Answer(0, "Còn gì?", ("Không.",), True),
        Answer(3, "?", ("!",), False),
    ),
    notices=(Notice(None, "Gia hạn.", "Extended."), Notice(2, "Đã loại.", "Excluded.")),
    closes=LATER,
)
GOOD: dict[str, Any] = {"photos": [0, 3], "reports": [1], **TOLD.as_json()}


def read(*documents: bytes) -> list[dict[str, Any]]:
    """What the booth makes of each document: {"ok": …} or {"refused": "<check> <where>"}."""
    manifest, _ = the_results(a_definition())
    script = """
      const at = (name) => import(`${process.cwd()}/src/${name}.ts`);
      const [{ decodeExhibits }, { decodeManifest }, { fromHex }, { Rejected }] =
        await Promise.all(["pages/booth/exhibits", "core/manifest", "core/octets", "core/errors"].map(at));
      const [first, ...rest] = (await new Response(process.stdin).text()).split("\\n");
      const manifest = decodeManifest(fromHex(first));
      for (const each of rest) {
        try {
          console.log(JSON.stringify({ ok: decodeExhibits(fromHex(each), manifest) }));
        } catch (error) {
          if (!(error instanceof Rejected)) throw error;
          console.log(JSON.stringify({ refused: `${error.check} ${error.where}` }));
        }
      }
    """
    lines = "\n".join(raw.hex() for raw in (manifest.encode(), *documents))
    done = node("--input-type=module", "--eval", script, text=lines)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def with_(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    """The good document with one thing put in its place; `...` takes it away."""
    made = copy.deepcopy(GOOD)
    at = made
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return made


# (what is wrong, the place that is named, whether the server's own reader sees it too: it knows no contests
# and no definition)
DAMAGED: list[tuple[dict[str, Any], str, bool]] = [
    *((with_((name,), ...), name, name not in ("photos", "reports")) for name in GOOD),
    (with_(("more",), 1), "more", True),
    *(
        (with_((name,), value), name, False)
        for name in ("photos", "reports")
        for value in ([1, 0], [1, 1], [4])
    ),
    (with_(("photos",), [-1]), "photos[0]", False),
    (with_(("photos",), {}), "photos", False),
    (with_(("answers",), {}), "answers", True),
    (with_(("answers",), list(reversed(GOOD["answers"]))), "answers", True),
    (with_(("answers", 0, "contest"), 4), "answers[0].contest", False),
    (with_(("answers", 0, "contest"), "0"), "answers[0].contest", True),
    (with_(("answers", 0, "question"), ""), "answers[0].question", True),
    (with_(("answers", 0, "question"), "a" * 501), "answers[0].question", True),
    (with_(("answers", 0, "question"), "a\nb"), "answers[0].question", True),
    (with_(("answers", 0, "question"), "e\u202e"), "answers[0].question", True),
    (with_(("answers", 0, "answer"), []), "answers[0].answer", True),
    (with_(("answers", 0, "answer"), ["a"] * 21), "answers[0].answer", True),
    (with_(("answers", 0, "answer"), ["a" * 2001]), "answers[0].answer[0]", True),
    (with_(("answers", 0, "answer"), "text"), "answers[0].answer", True),
    (with_(("answers", 0, "late"), 0), "answers[0].late", True),
    (with_(("answers", 0, "by"), "x"), "answers[0].by", True),
    (with_(("answers",), [{**GOOD["answers"][0], "answer": ["a" * 2000] * 20}] * 6), "answers", True),
    (with_(("notices", 0, "contest"), 4), "notices[0].contest", False),
    (with_(("notices",), [GOOD["notices"][0]] * 2), "notices", True),
    (with_(("notices",), list(reversed(GOOD["notices"]))), "notices", True),
    (with_(("notices", 0, "vi"), ""), "notices[0].vi", True),
    (with_(("notices", 0, "en"), "a" * 2001), "notices[0].en", True),
    (with_(("notices", 0, "en"), ...), "notices[0].en", True),
    (with_(("notices", 0, "link"), "x"), "notices[0].link", True),
    (with_(("closes",), "2026-11-02T12:00:00"), "closes", True),
    (with_(("closes",), "2026-13-02T12:00:00Z"), "closes", True),
    (with_(("closes",), 5), "closes", True),
    (with_(("closes",), instant_text(CLOSED)), "closes", False),
    (with_(("closes",), "2026-11-02T09:00:00Z"), "closes", False),
]


def test_what_the_server_tells_is_what_the_booth_reads() -> None:
    nothing = {"photos": [], "reports": [], **Announcements().as_json()}
    assert read(canonical.encode(GOOD), canonical.encode(nothing)) == [{"ok": GOOD}, {"ok": nothing}]


def test_every_other_form_is_refused_by_its_place() -> None:
    said = read(*(canonical.encode(document) for document, _, _ in DAMAGED))
    assert [each.get("refused") for each in said] == [f"15.7 exhibits.{place}" for _, place, _ in DAMAGED]


def test_bytes_that_are_not_canonical_are_refused() -> None:
    raw = canonical.encode(GOOD)
    odd = (
        b" " + raw,
        raw[:-1],
        b"",
        b"[]",
        json.dumps(GOOD).encode(),
        raw.replace(b'"late":true', b'"late":1.0'),
    )
    assert {each["refused"].split()[0] for each in read(*odd)} == {"15.7"}


@pytest.mark.parametrize(
    ("document", "place"), [(document, place) for document, place, both in DAMAGED if both]
)
def test_the_servers_own_reader_refuses_the_same(document: dict[str, Any], place: str) -> None:
    kept = {name: value for name, value in document.items() if name not in ("photos", "reports")}
    with pytest.raises(Malformed) as refused:
        Announcements.decode(canonical.encode(kept))
    assert (refused.value.check, refused.value.where) == ("15.7", f"told.{place}")


def test_what_the_booth_would_refuse_is_never_written() -> None:
    long = Answer(0, "?", ("ệ" * 2000,) * 10, False)
    Announcements(answers=(long,) * (MOST_OCTETS // 61_000)).encode()
    for wrong in (
        Announcements(answers=(long,) * (MOST_OCTETS // 60_000 + 1)),
        Announcements(answers=(Answer(0, "?", (), False),)),
        Announcements(notices=(Notice(1, "a", "b"), Notice(1, "a", "b"))),
    ):
        with pytest.raises(Malformed):
            wrong.encode()
