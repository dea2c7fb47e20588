"""Dates and status of a record: registered when, in which order, and whether the status fits.

Has no clock: "today" is the day that the record was last changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from trialwright.registry.record_parts import RecordDate
from trialwright.review.record.subject import DESIGN, STATUS, Margin, Subject
from trialwright.vocabulary.findings import Finding

ICMJE_START = date(2005, 7, 1)
"""Trials that began enrolling from here on had to be registered before their first participant.

Source: International Committee of Medical Journal Editors, Clinical trial registration, N Engl J Med 2004;351:1250-1.
"""
ICMJE_ONGOING = date(2005, 9, 13)
"""Trials that had begun before had to be registered by this day. Source: as above."""

_GRACE_DAYS = 21  # the U.S. rule allows 21 days after the first participant (42 CFR 11.24)
_RESULTS_DUE_DAYS = 365  # one year after primary completion (42 CFR 11.44)
_RESULTS_SINCE = date(2007, 9, 27)  # trials under way on this day or later (FDAAA, section 801)
_SLACK_DAYS = 31  # a record is not kept to the day
_DAYS_A_MONTH = 30.44


def check_timeline(subject: Subject) -> Iterator[Finding]:
    """When the study was registered, whether its dates stand in order, and whether they fit its status."""
    yield from _registration(subject)
    yield from _order(subject)
    yield from _status(subject)
    yield from _enrollment(subject)


def _registration(subject: Subject) -> Iterator[Finding]:
    record = subject.record
    start, registered = (
        record.start_on,
        [day for day in (record.first_submitted_on, record.first_posted_on) if day and day.first_day],
    )
    submitted = min(registered, key=lambda day: day.text, default=None)  # a record taken over is dated anew, its posting is not
    if not subject.is_interventional or submitted is None or submitted.first_day is None:
        return
    ends = [day.last_day for day in (record.primary_completion_on, record.completion_on) if day and day.last_day]
    end = min(ends) if ends else None
    if end and end < submitted.first_day and end >= ICMJE_ONGOING:
        yield Margin(subject).warning(
            "TW-R021",
            f"{STATUS}.studyFirstSubmitDate",
            "The study was registered after it was completed",
            f"It was first submitted on {submitted}, {_apart(end, submitted.first_day)} after completion "
            f"({record.primary_completion_on or record.completion_on}){_since_start(start, submitted.first_day)}: outcomes and "
            "criteria were registered when the data were already there.",
            ("say in the record why it was registered late", "cite the protocol as approved before the start"),
        )
    elif start and start.last_day and (submitted.first_day - start.last_day).days > _GRACE_DAYS:
        yield from _late(subject, start.last_day, submitted, end)


def _since_start(start: RecordDate | None, submitted: date) -> str:
    return f" and {_apart(start.last_day, submitted)} after the start ({start})" if start and start.last_day else ""


def _late(subject: Subject, start: date, registered: RecordDate, end: date | None) -> Iterator[Finding]:
    submitted = registered.first_day or start
    detail = f"It started in {subject.record.start_on} and was first submitted on {registered}, {_apart(start, submitted)} later."
    place, title = f"{STATUS}.studyFirstSubmitDate", "The study was registered after it had started"
    if start >= ICMJE_START:
        yield Margin(subject).warning("TW-R020", place, title, detail, ("say in the record why it was registered late",))
    elif submitted > ICMJE_ONGOING and (end is None or end >= ICMJE_ONGOING):
        more = f" Journals asked for trials then under way to be registered by {ICMJE_ONGOING.isoformat()}."
        yield Margin(subject).note("TW-R020", place, title, detail + more)


def _order(subject: Subject) -> Iterator[Finding]:
    record = subject.record
    pairs = (
        ("start", record.start_on, "primary completion", record.primary_completion_on, "primaryCompletionDateStruct"),
        ("start", record.start_on, "completion", record.completion_on, "completionDateStruct"),
        ("primary completion", record.primary_completion_on, "completion", record.completion_on, "completionDateStruct"),
        (
            "first submission",
            record.first_submitted_on,
            "submission of results",
            record.results_first_submitted_on,
            "resultsFirstSubmitDate",
        ),
        ("first submission", record.first_submitted_on, "last update", record.last_update_submitted_on, "lastUpdateSubmitDate"),
    )
    for first_name, first, second_name, second, key in pairs:
        if _surely_after(first, second):
            yield Margin(subject).error(
                "TW-R022",
                f"{STATUS}.{key}",
                f"The {second_name} is dated before the {first_name}",
                f"{second_name.capitalize()} {second}, {first_name} {first}.",
                ("correct the date that is wrong",),
            )


def _status(subject: Subject) -> Iterator[Finding]:
    record, margin = subject.record, Margin(subject)
    updated = record.last_update_submitted_on
    if record.status == "NOT_YET_RECRUITING" and _surely_after(updated, record.start_on, _SLACK_DAYS):
        yield margin.warning(
            "TW-R023",
            f"{STATUS}.overallStatus",
            "The study is said not to recruit yet, and its start had passed when the record was last changed",
            f"Start {record.start_on}, last change {updated}.",
            ("correct the status or the start date",),
        )
    if record.status in ("COMPLETED", "TERMINATED"):
        late = [day for day in (record.completion_on, record.primary_completion_on) if _surely_after(day, updated, _SLACK_DAYS)]
        if late:
            yield margin.warning(
                "TW-R023",
                f"{STATUS}.overallStatus",
                f"The study is {record.status.lower()}, and its completion lay ahead when the record was last changed",
                f"Completion {late[0]}, last change {updated}.",
                ("correct the status or the completion date",),
            )
    if record.status == "COMPLETED" and subject.is_interventional and not record.has_results:
        yield from _results(subject)
    if record.status in ("TERMINATED", "SUSPENDED", "WITHDRAWN") and not record.why_stopped:
        yield margin.note(
            "TW-R025",
            f"{STATUS}.whyStopped",
            f"The study is {record.status.lower()} and the record does not say why",
            "A reader cannot tell whether it stopped for harm, for futility or for want of participants.",
            ("state the reason in one sentence",),
        )


def _results(subject: Subject) -> Iterator[Finding]:
    record = subject.record
    end = record.primary_completion_on or record.completion_on
    updated = record.last_update_submitted_on
    if not end or not end.last_day or end.last_day < _RESULTS_SINCE or not updated or not updated.first_day:
        return
    if (updated.first_day - end.last_day).days <= _RESULTS_DUE_DAYS:
        return
    cited = [one for one in record.references if one.kind == "RESULT"]
    where = (
        f"{len(cited)} publication{'s' if len(cited) > 1 else ''} of results {'are' if len(cited) > 1 else 'is'} cited."
        if cited
        else "No publication of results is cited either."
    )
    yield Margin(subject).note(
        "TW-R024",
        "hasResults",
        "The study was completed more than a year before the last change, and no results are posted with the record",
        f"Completed {end}, last change {updated}. {where}",
        ("post the results", "cite the publication"),
    )


def _enrollment(subject: Subject) -> Iterator[Finding]:
    record, margin, place = subject.record, Margin(subject), f"{DESIGN}.enrollmentInfo"
    if record.status == "COMPLETED" and record.enrollment_count == 0:
        yield margin.warning(
            "TW-R026",
            place,
            "The study is completed with no participants",
            "A study that ended before anybody was enrolled is withdrawn, not completed.",
            ("set the status to withdrawn", "correct the number"),
        )
    if record.status == "WITHDRAWN" and (record.enrollment_count or 0) > 0 and record.enrollment_kind == "ACTUAL":
        yield margin.warning(
            "TW-R026",
            place,
            f"The study is withdrawn, and {record.enrollment_count} participants are said to have been enrolled",
            "Withdrawn means that nobody was enrolled; otherwise the study is terminated.",
            ("set the status to terminated", "set the number to 0"),
        )
    if record.status == "COMPLETED" and record.enrollment_kind == "ESTIMATED":
        yield margin.note(
            "TW-R026",
            place,
            "The study is completed, and its number of participants is still an estimate",
            f"The record says {record.enrollment_count}, estimated.",
            ("state the number actually enrolled",),
        )


def _surely_after(first: RecordDate | None, second: RecordDate | None, by_days: int = 0) -> bool:
    """Whether the first date lies after the second by more than some days, whatever the missing parts are."""
    if first is None or second is None or first.first_day is None or second.last_day is None:
        return False
    return (first.first_day - second.last_day).days > by_days


def _apart(first: date, second: date) -> str:
    """The time between two days, roughly, in words."""
    months = round((second - first).days / _DAYS_A_MONTH)
    if months < 1:
        return f"{(second - first).days} days"
    years, rest = divmod(months, 12)
    parts = [f"{years} year{'s' if years > 1 else ''}"] if years else []
    parts += [f"{rest} month{'s' if rest > 1 else ''}"] if rest else []
    return " and ".join(parts)
