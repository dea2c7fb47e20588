"""What differs between two versions of a record, in the words of its fields. Pure; never says which version is right.

Objects in a list (sites, arms, outcomes …) are paired by what names them, so that a site that moves up a list is no
difference, and a site whose status changes is one difference of that site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from trialwright.registry.record_parts import Json

_SECTIONS = re.compile(r"(protocol|results|annotation|document|derived)Section|.*Module|.*Struct|.*Infos?", re.ASCII)
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", re.ASCII)
_LONG = 100  # characters of a value that are shown whole
_AROUND = 30  # characters shown before and after the part of a long text that differs

_NAMED_BY: tuple[tuple[str, ...], ...] = (
    ("facility", "city", "zip"),
    ("id",),
    ("pmid",),
    ("citation",),
    ("url",),
    ("filename",),
    ("measure", "timeFrame"),
    ("label",),
    ("title",),
    ("term",),
    ("name",),
    ("groupId",),
    ("flowGroupId",),
)
_WORDS = {
    "armGroups": "Arm",
    "centralContacts": "Contact",
    "collaborators": "Collaborator",
    "contacts": "Contact",
    "count": "",
    "date": "",
    "enrollmentInfo": "Enrollment",
    "interventionNames": "Interventions",
    "largeDocs": "Document",
    "leadSponsor": "Sponsor",
    "locations": "Site",
    "measure": "",
    "organization": "Organization",
    "orgStudyIdInfo": "Organization's study number",
    "otherOutcomes": "Other outcome",
    "overallOfficials": "Official",
    "oversightHasDmc": "Data monitoring committee",
    "primaryOutcomes": "Primary outcome",
    "secondaryIdInfos": "Secondary number",
    "secondaryOutcomes": "Secondary outcome",
    "seeAlsoLinks": "Link",
    "whyStopped": "Reason for stopping",
}
_NAMELESS = ("type", "class")  # these say nothing without what stands above them
_CODES = {
    "NA": "Not applicable",
    "ALL": "All",
    "ACTIVE_NOT_RECRUITING": "Active, not recruiting",
    "EARLY_PHASE1": "Early phase 1",
}
_KEPT_AS_WRITTEN = {"NIH", "FED", "ICF", "CSR", "SAP", "CTIS", "NCT"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Args:
        path: Dotted v2 path of the member, without list positions.
        label: The member in words, such as ``Overall status`` or ``Site Ospedali Riuniti, Bergamo: Status``.
        before: The old value in words; ``None`` where it was not there.
        after: The new value in words; ``None`` where it is gone.
    """

    path: str
    label: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        """Whether something came, went or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    def __str__(self) -> str:
        if self.before is None or self.after is None:
            value = self.after if self.before is None else self.before
            return f"{self.label} {self.kind}: {_shortened(value or '')}".rstrip(": ")
        before, after = _around(self.before, self.after)
        return f"{self.label}: {before} → {after}"


def differences(old: Json, new: Json) -> tuple[Difference, ...]:
    """What differs from one version of a record to the next, in the order of the old version's members.

    Args:
        old: The earlier v2 JSON.
        new: The later v2 JSON.

    Returns:
        Nothing where both say the same.
    """
    return tuple(_of_mappings(old, new, (), ""))


def _of_mappings(old: Json, new: Json, path: tuple[str, ...], whose: str) -> Iterator[Difference]:
    for name in dict.fromkeys([*old, *new]):
        yield from _of_values(old.get(name), new.get(name), (*path, name), whose)


def _of_values(old: object, new: object, path: tuple[str, ...], whose: str) -> Iterator[Difference]:
    if old == new and type(old) is type(new):
        return
    match old, new:
        case Mapping(), Mapping():
            yield from _of_mappings(old, new, path, whose)
        case (Mapping(), None) | (None, Mapping()):
            yield from _of_mappings(old or {}, new or {}, path, whose)  # type: ignore[arg-type]
        case (list() | None, list() | None):
            yield from _of_lists(old or [], new or [], path, whose)
        case _:
            yield Difference(".".join(path), _label(path, whose), _words(old), _words(new))


def _of_lists(old: Sequence[object], new: Sequence[object], path: tuple[str, ...], whose: str) -> Iterator[Difference]:
    label, dotted = _label(path, whose), ".".join(path)
    left, right = _named(old), _named(new)
    for name in dict.fromkeys([*left, *right]):
        before, after = left.get(name), right.get(name)
        match before, after:
            case Mapping(), Mapping():
                yield from _of_mappings(before, after, path, f"{label} {name[0]}".strip())
            case _ if before is None:
                yield Difference(dotted, label, None, name[0])
            case _ if after is None:
                yield Difference(dotted, label, name[0], None)
            case _:
                yield from _of_values(before, after, path, whose)


def _named(items: Sequence[object]) -> dict[tuple[str, int], object]:
    """The items of a list by what names them; those that share a name are told apart by their order."""
    found: dict[tuple[str, int], object] = {}
    for item in items:
        name, times = _name(item), 0
        while (name, times) in found:
            times += 1
        found[name, times] = item
    return found


def _name(item: object) -> str:
    if isinstance(item, Mapping):
        for keys in _NAMED_BY:
            parts = [str(item[key]) for key in keys if item.get(key)]
            if parts:
                return ", ".join(parts)
        return ""
    return _words(item) or ""


def _label(path: tuple[str, ...], whose: str) -> str:
    """A member in words; what only groups others (modules, structs) is passed over unless nothing else is left."""
    own = _WORDS.get(path[-1], _spelled(path[-1]))
    if not own:
        own = _WORDS.get(path[-2], _spelled(path[-2])) if len(path) > 1 else path[-1]
    elif len(path) > 1 and not whose and (path[-1] in _NAMELESS or not _SECTIONS.fullmatch(path[-2])):
        above = _WORDS.get(path[-2], _spelled(path[-2]))
        own = f"{above}: {own[0].lower()}{own[1:]}" if above else own
    return f"{whose}: {own}" if whose else own


def _spelled(name: str) -> str:
    """``startDateStruct`` → ``Start date``."""
    words = _CAPITAL.sub(" ", re.sub(r"(Struct|Infos?|Module)$", "", name)).split()
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    return text[:1].upper() + text[1:]


def _words(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case str():
            return _decoded(value)
        case Mapping():
            return "; ".join(f"{_spelled(str(key))}: {_words(inner)}" for key, inner in value.items())
        case list():
            return ", ".join(_words(inner) or "nothing" for inner in value)
        case _:
            return str(value)


def _decoded(text: str) -> str:
    """A registry's code as words (``NOT_YET_RECRUITING`` → ``Not yet recruiting``); any other text as it is."""
    if not _CODE.fullmatch(text) or text in _KEPT_AS_WRITTEN or not (len(text) > 3 or text in _CODES) or text[-1].isdigit():
        return re.sub(r"^PHASE(\d)$", r"Phase \1", _CODES.get(text, text))
    return _CODES.get(text) or text.replace("_", " ").capitalize()


def _around(before: str, after: str) -> tuple[str, str]:
    """Two long texts cut down to where they differ."""
    if max(len(before), len(after)) <= _LONG:
        return before, after
    shortest = min(len(before), len(after))
    same = next((at for at in range(shortest) if before[at] != after[at]), shortest)
    tail = next((at for at in range(shortest - same) if before[-1 - at] != after[-1 - at]), shortest - same)
    return _cut(before, same, len(before) - tail), _cut(after, same, len(after) - tail)


def _cut(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    shown = _shortened(" ".join(text[first:last].split()))
    return f"{'…' if first else ''}{shown}{'…' if last < len(text) else ''}"


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 2 * _LONG else text[: 2 * _LONG].rstrip() + "…"
