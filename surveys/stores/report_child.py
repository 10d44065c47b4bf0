"""The rewriter's own process: somebody's PDF on standard input, what its pages show on standard output
(`reports` starts it).

Run by path, isolated, with nothing but pikepdf and within limits: whatever a hostile file breaks breaks here
alone.
Danger: a PDF can run scripts, open addresses, carry files and show one reader what it hides from another.
What is let through is named, not what is kept out: of a page its size, what is painted on it and what that
needs. Annotations that can be seen are painted into the page first; what is painted into a hidden layer is
not, and layers end there.
"""

from __future__ import annotations

import io
import resource
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

MOST_MEMORY = 1024**3
MOST_SECONDS = 10
MOST_PAGES = 300
PAGE = {"/Type", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group"}
RESOURCES = {"/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font"}
# Whatever these lead to is no part of what is painted: scripts, actions, files, places outside, who made it.
FORBIDDEN = {
    "/A", "/AA", "/AF", "/Alternates", "/Annots", "/B", "/EF", "/FDecodeParms", "/FFilter", "/JavaScript", "/JS",
    "/LastModified", "/Measure", "/Metadata", "/OC", "/OpenAction", "/OPI", "/PieceInfo", "/PtData", "/Ref",
    "/RichMedia", "/StructParent", "/StructParents", "/Thumb", "/URI",
}  # fmt: skip
MARKS = {"BMC", "BDC", "EMC", "MP", "DP"}
PAINTS = {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s"}
SHOWS = {"Tj", "TJ", "'", '"', "Do", "sh", "INLINE IMAGE"}


class Refused(Exception):
    """The file is not what it should be."""


def main() -> int:
    """Exit status 0 with the PDF, 1 with one line on standard error."""
    for what, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        _, hard = resource.getrlimit(what)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, limit))
    try:
        out = rewritten(sys.stdin.buffer.read())
    except Exception as error:  # whatever it is: the file is refused
        sys.stderr.write(" ".join(f"{type(error).__name__}: {error}".split())[:300] + "\n")
        return 1
    sys.stdout.buffer.write(out)
    return 0


def rewritten(raw: bytes) -> bytes:
    """The same pages in a new file. Raises Refused, or what pikepdf raises."""
    with pikepdf.open(io.BytesIO(raw), inherit_page_attributes=True) as given, pikepdf.new() as made:
        if not 0 < len(given.pages) <= MOST_PAGES:
            raise Refused(f"{len(given.pages)} pages")
        _paint_annotations(given)
        layers = Layers(given)
        for page in given.pages:
            _clean_page(given, page.obj, layers)
        given.remove_unreferenced_resources()
        made.pages.extend(given.pages)
        _forget(_reached(page.obj for page in made.pages))
        out = io.BytesIO()
        made.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _paint_annotations(given: Pdf) -> None:
    """What is filled into a form stays to be read; a form that only a program draws (XFA) is nothing."""
    root = given.Root
    if "/AcroForm" in root and isinstance(root.AcroForm, Dictionary) and "/XFA" in root.AcroForm:
        del root.AcroForm["/XFA"]
    given.flatten_annotations("screen")


class Layers:
    """Which optional content is shown when the file is opened (ISO 32000-1, 8.11)."""

    def __init__(self, given: Pdf) -> None:
        told = given.Root.get("/OCProperties", Dictionary())
        usual = told.get("/D", Dictionary())
        groups = {each.objgen for each in told.get("/OCGs", Array())}
        self._off = {each.objgen for each in usual.get("/OFF", Array())}
        if usual.get("/BaseState", Name.ON) == Name.OFF:
            self._off |= groups - {each.objgen for each in usual.get("/ON", Array())}

    def hidden(self, group: Object | None) -> bool:
        """Whether what belongs to this group or membership is not shown."""
        if not isinstance(group, Dictionary):
            return False
        if group.get("/Type") == Name.OCMD or "/OCGs" in group:
            return not self._together(group)
        return group.objgen in self._off

    def _together(self, membership: Dictionary) -> bool:
        if "/VE" in membership:
            return self._expressed(membership["/VE"])
        held = membership.get("/OCGs", Array())
        seen = [not self.hidden(each) for each in (held if isinstance(held, Array) else [held])]
        policy = str(membership.get("/P", Name.AnyOn))
        verdicts = {"/AllOn": all(seen), "/AnyOff": not all(seen), "/AllOff": not any(seen)}
        return not seen or verdicts.get(policy, any(seen))

    def _expressed(self, expression: Object, depth: int = 8) -> bool:
        if not isinstance(expression, Array):
            return not self.hidden(expression)
        if depth == 0 or len(expression) < 2:
            raise Refused("a layer is described in a way that cannot be followed")
        values = [self._expressed(each, depth - 1) for each in list(expression)[1:]]
        return {"/And": all(values), "/Or": any(values)}.get(str(expression[0]), not values[0])


def _clean_page(given: Pdf, page: Dictionary, layers: Layers) -> None:
    for key in set(page.keys()) - PAGE - {"/Parent"}:
        del page[key]
    resources = page.get("/Resources", Dictionary())
    if "/Contents" in page:
        page["/Contents"] = given.make_stream(_seen(pikepdf.Page(page).obj, resources, layers))
    for each in list(_reached([resources])):
        if isinstance(each, Stream) and (each.get("/Subtype") == Name.Form or "/PatternType" in each):
            own = each.get("/Resources", resources)
            hidden = layers.hidden(each.get("/OC"))
            each.write(b"" if hidden else _seen(each, own, layers))
        elif isinstance(each, Stream) and (each.get("/Subtype") == Name.PS or layers.hidden(each.get("/OC"))):
            for key in set(each.keys()) - {"/Length"}:
                del each[key]
            each["/Subtype"], each["/BBox"] = Name.Form, Array([0, 0, 0, 0])
            each.write(b"")


def _seen(content: Object, resources: Object, layers: Layers) -> bytes:
    """The instructions of a page or form without those that paint into a hidden layer, and without marks.

    What sets a state or moves stays where it is, so that everything after it is where it was.
    """
    properties = resources.get("/Properties", Dictionary())
    inside: list[bool] = []
    kept: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    for each in pikepdf.parse_content_stream(content):
        operator = str(each.operator)
        if operator in MARKS:
            _follow(inside, operator, each.operands, properties, layers)
        elif any(inside) and operator in PAINTS:
            kept.append(pikepdf.ContentStreamInstruction([], pikepdf.Operator("n")))
        elif not (any(inside) and operator in SHOWS):
            kept.append(each)
    return pikepdf.unparse_content_stream(kept)


def _follow(
    inside: list[bool], operator: str, operands: Iterable[Any], properties: Object, layers: Layers
) -> None:
    """Which sections are open, and whether each is hidden."""
    if operator == "EMC" and inside:
        inside.pop()
    elif operator == "BMC":
        inside.append(False)
    elif operator == "BDC":
        tag, group = operands
        if isinstance(group, Name):
            group = properties.get(str(group))
        inside.append(tag == Name.OC and layers.hidden(group))


def _reached(roots: Iterable[Object]) -> Iterator[Object]:
    """Every dictionary and stream that these lead to, each once, but for the tree of pages."""
    waiting, seen = list(roots), set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, Dictionary | Stream | Array):
            if each.is_indirect:
                if each.objgen in seen:
                    continue
                seen.add(each.objgen)
            if isinstance(each, Array):
                waiting.extend(each)
            else:
                yield each
                waiting.extend(each[key] for key in each.keys() if key != "/Parent")  # noqa: SIM118


def _forget(everything: Iterator[Object]) -> None:
    for each in everything:
        if "/Resources" in each and isinstance(each["/Resources"], Dictionary):
            for key in set(each["/Resources"].keys()) - RESOURCES:
                del each["/Resources"][key]
        # A stream's /F would be a file outside that holds its bytes; elsewhere it may be part of a picture.
        for key in FORBIDDEN | ({"/F"} if isinstance(each, Stream) else set()):
            if key in each:
                del each[key]


if __name__ == "__main__":
    sys.exit(main())
