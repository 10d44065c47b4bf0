"""What a browser would send of a form as it stands on a page."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"


def fields_of(page: str, marked: str = "data-rule") -> dict[str, str]:
    """The fields of the form with this attribute: texts, what is chosen, what is checked; no button."""
    tree = html5lib.parse(page)
    (form,) = (each for each in tree.iter(f"{HTML}form") if marked in each.attrib)
    sent: dict[str, str] = {}
    for field in form.iter():
        name = field.attrib.get("name")
        if name is None:
            continue
        kind = field.attrib.get("type", "text")
        if field.tag == f"{HTML}input" and (kind not in ("radio", "checkbox") or "checked" in field.attrib):
            sent[name] = field.attrib.get("value", "")
        elif field.tag == f"{HTML}textarea":
            sent[name] = field.text or ""
        elif field.tag == f"{HTML}select":
            sent[name] = _chosen(field)
    return sent


def _chosen(select: ElementTree.Element) -> str:
    options: list[Any] = list(select.iter(f"{HTML}option"))
    chosen = [option for option in options if "selected" in option.attrib] or options[:1]
    return str(chosen[0].attrib["value"])
