"""The pieces of a registry record (arms, outcomes, sites, dates …) as frozen values, and tolerant readers of JSON.

Never judges a record and never raises over one: a member that is missing or of the wrong kind reads as ``None`` or
``()``. The names follow the ClinicalTrials.gov v2 data structure.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

Json = Mapping[str, object]

_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def member(node: object, *path: str) -> object | None:
    """The value at a path of keys inside nested mappings; ``None`` where the path breaks off."""
    for key in path:
        if type(node) is not dict and not isinstance(node, Mapping):  # the first test is the common case, and quick
            return None
        node = node.get(key)
    return node


def text_at(node: object, *path: str) -> str | None:
    """The text at a path, or ``None`` where it is missing, blank or not text."""
    value = member(node, *path)
    return value if isinstance(value, str) and value.strip() else None


def flag_at(node: object, *path: str) -> bool | None:
    """The truth value at a path, or ``None`` where none is stated."""
    value = member(node, *path)
    return value if isinstance(value, bool) else None


def count_at(node: object, *path: str) -> int | None:
    """The whole number at a path, or ``None``."""
    value = member(node, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number_at(node: object, *path: str) -> float | None:
    """The number at a path, or ``None``."""
    value = member(node, *path)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def texts_at(node: object, *path: str) -> tuple[str, ...]:
    """The texts of a list at a path; what is not text is passed over."""
    value = member(node, *path)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(item for item in value if isinstance(item, str))


def nodes_at(node: object, *path: str) -> tuple[Json, ...]:
    """The mappings of a list at a path; what is not a mapping is passed over."""
    value = member(node, *path)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(item for item in value if isinstance(item, Mapping))


@dataclass(frozen=True, slots=True)
class RecordDate:
    """A date as the registry states it: ``yyyy``, ``yyyy-MM`` or ``yyyy-MM-dd``.

    Args:
        text: As written.
        kind: ``ACTUAL`` or ``ESTIMATED``; ``None`` where the record does not say.
    """

    text: str
    kind: str | None = None

    def __str__(self) -> str:
        return self.text

    @property
    def first_day(self) -> date | None:
        """The earliest day that the text allows; ``None`` where the text is no date."""
        return self._days()[0]

    @property
    def last_day(self) -> date | None:
        """The latest day that the text allows; ``None`` where the text is no date."""
        return self._days()[1]

    def _days(self) -> tuple[date | None, date | None]:
        found = _PARTIAL_DATE.fullmatch(self.text[:10])
        if found is None:
            return None, None
        year, month, day = (int(part) if part else None for part in found.groups())
        try:
            first = date(year or 0, month or 1, day or 1)
            last_month = month or 12
            last = date(year or 0, last_month, day or calendar.monthrange(first.year, last_month)[1])
        except ValueError:
            return None, None
        return first, last


@dataclass(frozen=True, slots=True)
class SecondaryId:
    """A further identifier of the study, such as a EudraCT number."""

    id: str
    kind: str | None
    domain: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class Organization:
    """A sponsor, collaborator or organisation, and its class (``INDUSTRY``, ``NIH``, ``OTHER`` …)."""

    name: str
    category: str | None


@dataclass(frozen=True, slots=True)
class ResponsibleParty:
    """Who answers for the record; the ``old_…`` members are the form used before 2011."""

    kind: str | None
    investigator_name: str | None
    investigator_title: str | None
    investigator_affiliation: str | None
    old_name_title: str | None
    old_organization: str | None


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm (or, in an observational study, a group)."""

    label: str | None
    kind: str | None
    description: str | None
    intervention_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intervention:
    """A treatment or other intervention, with the arms that receive it."""

    kind: str | None
    name: str | None
    description: str | None
    arm_labels: tuple[str, ...]
    other_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome measure as registered."""

    measure: str
    description: str | None
    time_frame: str | None


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """Degrees north and east; the registry gives the centre of the city, not the hospital."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or desk to ask, as the record names it."""

    name: str | None
    role: str | None
    phone: str | None
    phone_ext: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Official:
    """A person with overall responsibility, such as the principal investigator."""

    name: str | None
    role: str | None
    affiliation: str | None


@dataclass(frozen=True, slots=True)
class Location:
    """A site as registered."""

    facility: str | None
    status: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    geo_point: GeoPoint | None
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication; ``kind`` is ``BACKGROUND``, ``RESULT`` or ``DERIVED``."""

    pmid: str | None
    kind: str | None
    citation: str | None


@dataclass(frozen=True, slots=True)
class SeeAlso:
    """A link that the record offers."""

    label: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class MeshTerm:
    """A MeSH heading that the registry (not the sponsor) assigned."""

    id: str | None
    term: str


def read_contact(node: Json) -> Contact:
    """A contact from its v2 node."""
    return Contact(*(text_at(node, key) for key in ("name", "role", "phone", "phoneExt", "email")))


def read_location(node: Json) -> Location:
    """A site from its v2 node; a geoPoint without both numbers reads as ``None``."""
    lat, lon = number_at(node, "geoPoint", "lat"), number_at(node, "geoPoint", "lon")
    return Location(
        facility=text_at(node, "facility"),
        status=text_at(node, "status"),
        city=text_at(node, "city"),
        state=text_at(node, "state"),
        zip=text_at(node, "zip"),
        country=text_at(node, "country"),
        geo_point=GeoPoint(lat, lon) if lat is not None and lon is not None else None,
        contacts=tuple(read_contact(contact) for contact in nodes_at(node, "contacts")),
    )


def read_outcome(node: Json) -> Outcome:
    """An outcome from its v2 node; a missing measure reads as an empty text."""
    return Outcome(text_at(node, "measure") or "", text_at(node, "description"), text_at(node, "timeFrame"))


def read_arm(node: Json) -> Arm:
    """An arm from its v2 node."""
    label, kind, description = (text_at(node, key) for key in ("label", "type", "description"))
    return Arm(label, kind, description, texts_at(node, "interventionNames"))


def read_intervention(node: Json) -> Intervention:
    """An intervention from its v2 node."""
    kind, name, description = (text_at(node, key) for key in ("type", "name", "description"))
    return Intervention(kind, name, description, texts_at(node, "armGroupLabels"), texts_at(node, "otherNames"))
