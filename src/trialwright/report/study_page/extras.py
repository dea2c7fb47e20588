"""What a study page shows beside the record: addresses, dates and words that whoever renders it must give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Assumption:
    """A statement that the protocol file makes beyond the record, and where it comes from."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class DoseRules:
    """How one intervention is dosed, as far as the protocol file makes it public.

    Args:
        name: Of the intervention.
        facts: Pairs of word and value: start, levels, course.
        rules: Public rules and guarantees, each as its verbatim text (empty where there is none) and its expression.
    """

    name: str
    facts: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Nearby:
    """The place that the reader looks from: its name, and degrees north and east."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the page's further doors are; an empty address shows no link.

    Args:
        history: The record's earlier versions and what changed.
        citation: The record as a RIS citation.
        keep: A list with this study on it.
        compare: A comparison that begins with this study.
        sites: The list of sites, a part of which may be asked for by ``?country=``; a long list is then left to it.
    """

    history: str = ""
    citation: str = ""
    keep: str = ""
    compare: str = ""
    sites: str = ""


@dataclass(frozen=True, slots=True)
class PageExtras:
    """All that the page needs and the record does not hold. Every address may be relative; an empty one shows no link.

    Args:
        processed_on: When the record was processed here; the page states it.
        find_trials_href: Where one searches for studies.
        by_location_href: Where one looks for studies by place.
        json_href: Where the record can be downloaded.
        owner_findings_href: Where the review's findings stand; given only when the reader is the owner.
        banner: A sentence over the page, such as that it is a demonstration.
        plain_summary: A summary in plain words, paragraphs apart by an empty line.
        plain_summary_label: Who wrote the summary and on what it rests; shown with it.
        assumptions: The public assumptions of the protocol file.
        dosing: How each intervention is dosed, as far as the protocol file makes it public.
        language: What the page speaks, ``en`` or ``it``; the record's own texts stay as they are.
        glance: Whether the page begins with sentences made from the record's fields, where no plain summary was written.
        nearby: Where the reader looks from, to show how far the sites are.
        doors: Addresses beside the page.
    """

    processed_on: date
    find_trials_href: str = ""
    by_location_href: str = ""
    json_href: str = ""
    owner_findings_href: str = ""
    banner: str = ""
    plain_summary: str = ""
    plain_summary_label: str = ""
    assumptions: tuple[Assumption, ...] = ()
    dosing: tuple[DoseRules, ...] = ()
    language: str = "en"
    glance: bool = False
    nearby: Nearby | None = None
    doors: Doors = Doors()
