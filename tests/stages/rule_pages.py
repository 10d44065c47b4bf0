"""What tests do with the pages of a round's rule."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from surveys.names import RoundId
from surveys.rules.preset import Preset
from tests.desk import Desk
from tests.forms import fields_of
from tests.staff import Browser


def opened(browser: Browser, round_id: RoundId, of: str = "", language: str = "en") -> dict[str, str]:
    """The fields of the edit page."""
    page = browser.get(f"/{language}/rounds/{round_id}/rule" + (f"?of={of}" if of else ""))
    assert page.status_code == 200
    return fields_of(page.text)


def sent(
    browser: Browser, round_id: RoundId, fields: dict[str, str], do: str = "decide", language: str = "en"
) -> Any:
    return browser.post(f"/{language}/rounds/{round_id}/rule", {**fields, "do": do}, token=False)


def rule(desk: Desk, round_id: RoundId) -> Preset:
    return desk.terms(round_id).preset


def errors(answer: Any) -> dict[str, str]:
    """What the summary lists: anchor → text. Each anchor is on the page, and the text stands at its field
    too.
    """
    box = answer.text.split('id="errors"')[1].split("</div>")[0]
    found = {
        unescape(anchor): " ".join(unescape(re.sub("<[^>]+>", "", text)).split())
        for anchor, text in re.findall(r'<li><a href="#([^"]+)">(.*?)</a></li>', box, re.DOTALL)
    }
    for anchor in found:
        assert f'id="{anchor}"' in answer.text, anchor
    return found
