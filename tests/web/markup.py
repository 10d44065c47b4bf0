"""Strict reading of a page: valid HTML, one h1 that the title starts with, unique ids, nothing inline, no
mistake that nothing leads to.
"""

from __future__ import annotations

from xml.etree import ElementTree

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"


def faults(page: str) -> list[str]:
    """Everything wrong with a page; empty if it is sound."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=True)
    tree = parser.parse(page)
    found = [f"{place}: {code}" for place, code, _ in parser.errors]
    elements = list(tree.iter())
    h1 = [_text(element) for element in elements if element.tag == f"{HTML}h1"]
    titles = [_text(element) for element in elements if element.tag == f"{HTML}title"]
    if len(h1) != 1 or not h1[0]:
        found.append(f"{len(h1)} h1")
    elif len(titles) != 1 or not titles[0].startswith(h1[0]):
        found.append(f"title {titles} does not start with {h1[0]!r}")
    ids = [element.attrib["id"] for element in elements if "id" in element.attrib]
    found += [f"id {name} occurs twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for element in elements:
        found += [
            f"{element.tag}: attribute {name}"
            for name in element.attrib
            if name == "style" or name.startswith("on")
        ]
        if element.tag == f"{HTML}style" or (element.tag == f"{HTML}script" and _text(element)):
            found.append(f"inline {element.tag}")
        for name in ("aria-labelledby", "aria-describedby", "for"):
            found += [f"{name} {ref}" for ref in element.attrib.get(name, "").split() if ref not in ids]
    return found + _nowhere(elements, ids)


def _nowhere(elements: list[ElementTree.Element], ids: list[str]) -> list[str]:
    """Links within the page that lead nowhere, and fields that are wrong without a summary above the form
    that leads to them.
    """
    links = [each.attrib.get("href", "") for each in elements if each.tag == f"{HTML}a"]
    found = [f"link {link}" for link in links if link.startswith("#") and link[1:] not in ids]
    wrong = [each.attrib.get("id", "") for each in elements if each.attrib.get("aria-invalid") == "true"]
    return found + [f"nothing leads to the field {name}" for name in wrong if f"#{name}" not in links]


def _text(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())
