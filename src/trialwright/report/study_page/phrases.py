"""Small facts of a record in words: dates, ages, counts, and what the page says first. Invents nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from trialwright.registry.record import Record
from trialwright.registry.record_parts import RecordDate
from trialwright.report.study_page.words import HEADLINES, SENTENCES, label, months, number

_ENDED = {"COMPLETED", "TERMINATED"}
_CLOSED = {"COMPLETED", "TERMINATED", "WITHDRAWN"}
_AGE = re.compile(r"(\d+)\s+(Year|Month|Week|Day|Hour|Minute)s?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the page says before all else: whether one could take part, and as of when."""

    kind: str
    headline: str
    detail: str


def notice(record: Record) -> Notice:
    """The notice that follows from the record's status and dates; ``kind`` is closed, open or unsure."""
    status = record.status or ""
    kind = "closed" if status in _CLOSED else "open" if status == "RECRUITING" else "unsure"
    return Notice(kind, HEADLINES.get(status) or HEADLINES["OTHERWISE"], " ".join(_notice_details(record, status)))


def _notice_details(record: Record, status: str) -> list[str]:
    said = []
    if status in _ENDED:
        ended = record.completion_on
        known = ended is not None and ended.kind != "ESTIMATED"
        said.append(SENTENCES["ended"].format(when=month(ended)) if known else SENTENCES["takes_none"])
    if record.why_stopped:
        said.append(SENTENCES["reason"].format(reason=record.why_stopped))
    if status == "UNKNOWN" and record.last_known_status and record.verified_on:
        last = label("status", record.last_known_status)
        said.append(SENTENCES["last_known"].format(status=last, when=month(record.verified_on)))
    elif status not in _CLOSED and record.verified_on:
        said.append(SENTENCES["stated_when"].format(when=month(record.verified_on)))
    return said


def day(when: RecordDate | date | None) -> str:
    """A date in words, as far as it is known: "28 December 2010", "October 2004", "2004"."""
    parts = (str(when) if when else "")[:10].split("-")
    if not all(part.isdigit() for part in parts) or len(parts) > 3:
        return str(when or "")
    if len(parts) > 1 and not 1 <= int(parts[1]) <= 12:
        return str(when)
    words = [str(int(parts[2]))] if len(parts) == 3 else []
    words += [months()[int(parts[1]) - 1]] if len(parts) > 1 else []
    return " ".join([*words, parts[0]])


def month(when: RecordDate | None) -> str:
    """Month and year in words."""
    return day(RecordDate(when.text[:7])) if when else ""


def ages(record: Record) -> str:
    """The ages that the record's fields admit: "15+ years old", "6 months to 5 years old", "All ages"."""
    low, high = _age(record.minimum_age), _age(record.maximum_age)
    if low is None and high is None:
        return SENTENCES["all_ages"]
    if high is None:
        assert low is not None
        return SENTENCES["ages_from"].format(low=f"{low[0]}+", unit=low[1])
    if low is None:
        return SENTENCES["ages_to"].format(high=high[0], unit=high[1])
    from_age = low[0] if low[1] == high[1] else f"{low[0]} {low[1]}"
    return SENTENCES["ages_between"].format(low=from_age, high=high[0], unit=high[1])


def _age(text: str | None) -> tuple[str, str] | None:
    """Number and unit of a stated age; an age in other words is kept as it stands, without a unit."""
    found = _AGE.fullmatch((text or "").strip())
    if found:
        unit = found[2].lower()
        return found[1], label("age", unit if found[1] == "1" and unit != "year" else f"{unit}s")
    return (text, "") if text and text.strip() != "N/A" else None


def people(record: Record) -> str:
    """How many take part: "25 patients", or participants where healthy volunteers are among them."""
    if record.enrollment_count is None:
        return ""
    key = "participants" if record.healthy_volunteers else "patients"
    return SENTENCES[key].format(count=number(record.enrollment_count))


def in_groups(record: Record) -> str:
    """The line over the arms: "25 participants in 1 patient group"."""
    groups = len(record.arms)
    in_words = SENTENCES["one_group"] if groups == 1 else SENTENCES["groups"].format(count=groups)
    if record.enrollment_count is None:
        return in_words
    participants = SENTENCES["participants"].format(count=number(record.enrollment_count))
    return SENTENCES["in_groups"].format(people=participants, groups=in_words)
