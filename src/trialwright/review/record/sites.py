"""Sites and contacts of a record: whether a reader could find and ask somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trialwright.registry.record_parts import Location
from trialwright.review.record.subject import PLACES, Margin, Subject
from trialwright.vocabulary.findings import Finding

_OPEN = ("RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION")
_CLOSED = ("COMPLETED", "TERMINATED", "WITHDRAWN")
_SHOWN = 3


def check_sites(subject: Subject) -> Iterator[Finding]:
    """Contacts, completeness of addresses, sites listed twice, and a site's status against the study's."""
    locations = subject.locations
    yield from _contacts(subject, locations)
    if not locations:
        yield from _no_sites(subject)
        return
    yield from _addresses(subject, locations)
    yield from _twice(subject, locations)
    yield from _status(subject, locations)


def _contacts(subject: Subject, locations: tuple[Location, ...]) -> Iterator[Finding]:
    record, margin = subject.record, Margin(subject)
    if record.central_contacts or any(location.contacts for location in locations):
        return
    if record.status in _OPEN:
        yield margin.warning(
            "TW-R040",
            f"{PLACES}.centralContacts",
            "The study seeks participants, and the record names nobody to ask",
            "Neither the study nor any of its sites has a contact.",
            ("name a contact with telephone or e-mail",),
        )
    elif locations:
        known = record.officials or record.responsible_party or record.sponsor
        whom = "the officials or the sponsor" if known else "nobody that the record names"
        yield margin.note(
            "TW-R040",
            f"{PLACES}.locations",
            f"{_sites(len(locations))} without a contact",
            f"The registry takes contacts down when recruitment ends; questions go to {whom}.",
        )


def _no_sites(subject: Subject) -> Iterator[Finding]:
    if subject.record.status in _OPEN and subject.record.status != "NOT_YET_RECRUITING":
        yield Margin(subject).warning(
            "TW-R041",
            f"{PLACES}.locations",
            "The study seeks participants, and the record lists no site",
            "Nobody can tell where to go.",
            ("list the sites",),
        )


def _addresses(subject: Subject, locations: tuple[Location, ...]) -> Iterator[Finding]:
    without = [location for location in locations if not location.zip]
    if without and len(without) < len(locations) and len({location.country for location in locations}) == 1:
        names = ", ".join(location.city or location.facility or "a site without a city" for location in without[:_SHOWN])
        more = f" and {len(without) - _SHOWN} more" if len(without) > _SHOWN else ""
        yield Margin(subject).note(
            "TW-R042",
            f"{PLACES}.locations",
            f"{len(without)} of {len(locations)} sites {'has' if len(without) == 1 else 'have'} no postal code; the others do",
            f"{names}{more}.",
            ("complete the address",),
        )


def _twice(subject: Subject, locations: tuple[Location, ...]) -> Iterator[Finding]:
    keys = Counter(
        (location.facility.casefold(), location.city, location.zip, location.country)
        for location in locations
        if location.facility and not _is_placeholder(location.facility)
    )
    again = [key for key, count in keys.items() if count > 1]
    if again:
        names = ", ".join(f"{key[0].title()} ({key[1]})" for key in again[:_SHOWN])
        yield Margin(subject).note(
            "TW-R043",
            f"{PLACES}.locations",
            f"{len(again)} site{'s are' if len(again) > 1 else ' is'} listed more than once",
            f"{names}{' and more' if len(again) > _SHOWN else ''}.",
            ("list each site once", "tell the departments apart by name"),
        )


def _is_placeholder(facility: str) -> bool:
    """Whether a facility's name only stands in for one ("Research Site", "Investigational Site Number 12")."""
    words = facility.casefold()
    return any(part in words for part in ("site", "investigat", "sponsor", "call center", "for additional information"))


def _status(subject: Subject, locations: tuple[Location, ...]) -> Iterator[Finding]:
    recruiting = [location for location in locations if location.status in ("RECRUITING", "NOT_YET_RECRUITING")]
    if subject.record.status in _CLOSED and recruiting:
        yield Margin(subject).warning(
            "TW-R044",
            f"{PLACES}.locations",
            f"The study is {subject.record.status.lower()}, and {_sites(len(recruiting))} still said to recruit",
            f"The first is {recruiting[0].facility or recruiting[0].city}.",
            ("close the sites in the record",),
        )


def _sites(count: int) -> str:
    return "1 site is" if count == 1 else f"{count} sites are"
