"""What may stand behind the certified bytes of the typeset minutes: pyHanko's policy for signing, with the
one case that it leaves out, a first form in a file that has none (docs/protocol.md 13.7).

Danger: whatever a rule here yields is allowed. It yields the form, its list and its resources; the fields
themselves are judged by pyHanko's own rules, and any object that nobody explains is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, Reference
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    FormUpdate,
    FormUpdatingRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.form_rules_api import FieldComparisonContext, FieldComparisonSpec

# Anything else in a form may run or hide: /XFA is a second form, /CO an order of calculations.
FORM = {"/Fields", "/SigFlags", "/DR", "/DA", "/Q", "/NeedAppearances"}


class Certified(HistoricalResolver):
    """The certified revision as what increments are compared with.

    pyHanko first looks up every use of every object, since a hostile file may use one list for two things.
    This revision is the committee's own and uses none twice; of 470 units the look-up would take minutes and
    fail.
    """

    def _load_reverse_xref_cache(self) -> None:
        pass

    def _get_usages_of_ref(self, ref: Reference) -> set[RawPdfPath]:
        return set()


class FirstForm(FormUpdatingRule):
    """As pyHanko's rule; a form where there was none is allowed if it holds signature fields alone."""

    def apply(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        if "/AcroForm" in old.root:
            yield from super().apply(old, new)
        elif "/AcroForm" in new.root:
            form = new.root["/AcroForm"]
            if not isinstance(form, DictionaryObject) or not set(form.keys()) <= FORM:
                raise SuspiciousModification("the form holds more than signature fields")
            for holder, key in ((new.root, "/AcroForm"), (form, "/Fields")):
                yield from _own(holder.raw_get(key), old)
            if "/DR" in form:
                for reference in new.collect_dependencies(
                    form.raw_get("/DR"), since_revision=old.revision + 1
                ):
                    yield ModificationLevel.FORM_FILLING, FormUpdate(reference, field_name=None)
            specs = dict(_signature_fields(form["/Fields"]))
            context = FieldComparisonContext(field_specs=specs, old=old, new=new)
            for rule in self.field_rules:
                yield from rule.apply(context)


def _own(value: object, old: HistoricalResolver) -> Iterator[tuple[ModificationLevel, FormUpdate]]:
    """An object that is new in the file, never one that stood there before."""
    if isinstance(value, IndirectObject) and old.is_ref_unassignable(value.reference):
        yield ModificationLevel.LTA_UPDATES, FormUpdate(value.reference, field_name=None)


def _signature_fields(fields: object) -> Iterator[tuple[str, FieldComparisonSpec]]:
    seen: set[str] = set()
    if not isinstance(fields, ArrayObject) or not all(isinstance(each, IndirectObject) for each in fields):
        raise SuspiciousModification("the form's list of fields is none")
    for each in fields:
        field = each.get_object()
        if not isinstance(field, DictionaryObject) or field.get("/FT") != "/Sig":
            raise SuspiciousModification("the form holds more than signature fields")
        name = str(field.get("/T"))
        if name in seen or any("/T" in kid.get_object() for kid in field.get("/Kids", ())):
            raise SuspiciousModification("two fields of one name, or a field inside another")
        seen.add(name)
        yield name, FieldComparisonSpec("/Sig", None, each.reference, None)


POLICY = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FirstForm([SigFieldCreationRule(), SigFieldModificationRule()]),
)
