"""The study at a glance: short sentences that say what the record's closed fields say, and nothing else. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialwright.registry.record import Record
from trialwright.registry.record_parts import RecordDate, member
from trialwright.report.study_page import phrases
from trialwright.report.study_page.words import PHASES, SENTENCES, counted, label, number

MOST_NAMED = 6


def at_a_glance(record: Record) -> tuple[str, ...]:
    """The sentences, in the order in which a reader would ask; one that the record has no field for is left out."""
    found = (*_what(record), *_how(record), *_who(record), *_where_and_when(record))
    return tuple(sentence for sentence in found if sentence)


def _what(record: Record) -> Iterator[str]:
    names = _listed([one.name for one in record.interventions if one.name])
    if record.study_type == "OBSERVATIONAL":
        yield SENTENCES["glance_observed"]
    elif names:
        yield SENTENCES["glance_access" if record.study_type == "EXPANDED_ACCESS" else "glance_given"].format(list=names)
    if record.conditions:
        yield SENTENCES["glance_about"].format(list=_listed(record.conditions))
    yield from (PHASES[one] for one in record.phases if one in PHASES)


def _how(record: Record) -> Iterator[str]:
    groups = len(record.arms)
    if record.study_type == "INTERVENTIONAL" and groups == 1:
        yield SENTENCES["glance_single"]
    elif groups > 1 and record.allocation in ("RANDOMIZED", "NON_RANDOMIZED"):
        key = "glance_randomized" if record.allocation == "RANDOMIZED" else "glance_groups"
        yield SENTENCES[key].format(count=number(groups))
    if record.masking == "NONE":
        yield SENTENCES["glance_open"]
    elif record.who_masked:
        yield SENTENCES["glance_masked"].format(list=", ".join(label("masked", one) for one in record.who_masked))


def _who(record: Record) -> Iterator[str]:
    volunteers = label("volunteers", str(record.healthy_volunteers).lower()) if record.healthy_volunteers is not None else ""
    sex = label("", record.sex) if record.sex in ("FEMALE", "MALE") else ""
    yield SENTENCES["glance_who"].format(list="; ".join(part for part in (phrases.ages(record), sex, volunteers) if part))
    if record.enrollment_count is not None and record.enrollment_kind in ("ACTUAL", "ESTIMATED"):
        key = "glance_enrolled" if record.enrollment_kind == "ACTUAL" else "glance_planned"
        yield SENTENCES[key].format(count=number(record.enrollment_count))


def _where_and_when(record: Record) -> Iterator[str]:
    places = [one.country for one in record.locations if one.country]
    if places:
        sites = counted("one_site", "sites", len(record.locations))
        yield SENTENCES["glance_where"].format(sites=sites, list=_listed(tuple(dict.fromkeys(places))))
    yield _dated(record.start_on, "glance_began", "glance_begins")
    yield _dated(record.completion_on, "glance_ended", "glance_ends")
    if member(record.raw, "resultsSection"):
        yield SENTENCES["glance_results"]


def _dated(when: RecordDate | None, happened: str, planned: str) -> str:
    """A date that the record calls actual or estimated; one of which it says neither is left to the dates below."""
    if when is None or when.kind not in ("ACTUAL", "ESTIMATED"):
        return ""
    return SENTENCES[happened if when.kind == "ACTUAL" else planned].format(when=phrases.month(when))


def _listed(names: Sequence[str]) -> str:
    few = ", ".join(dict.fromkeys(names[:MOST_NAMED]))
    more = len(names) - MOST_NAMED
    return few if more <= 0 else SENTENCES["glance_more"].format(list=few, count=number(more))
