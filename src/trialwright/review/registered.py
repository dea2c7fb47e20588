"""The registration beside the rest of the file: design, dates, arms, doses and course, what is assumed and from where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from trialwright.protocol.source import Path
from trialwright.protocol.study import CompiledRegimen, Protocol
from trialwright.review.drafting import WARNING, finding, listed, number
from trialwright.review.wording import DAY, Amount, amounts_in_text
from trialwright.vocabulary.dates import DateError, PartialDate, parse_partial_date
from trialwright.vocabulary.findings import Finding
from trialwright.vocabulary.units import commensurable, conversion_factor

SHIPPED_CTCAE = "5"
_BLIND = re.compile(r"\b(?:double|triple|single|observer|investigator|assessor)[- ](?:blind|masked)|\bplacebo", re.IGNORECASE)
_OPEN = re.compile(r"\bopen[- ]label\b|\bunblinded\b|\bunmasked\b", re.IGNORECASE)
_MOST = re.compile(r"(?:maximum(?: dose)?(?: of)?|up to(?: a maximum of)?)\s*$", re.IGNORECASE)
_ESCALATES = re.compile(r"\b(?:escalat|titrat|loading|run-in)", re.IGNORECASE)
_PERIODIC = re.compile(r"(?:\bevery|\beach|\bonce|\bper|\bq)\s*$", re.IGNORECASE)
_RECRUITING = ("not yet recruiting", "recruiting", "enrolling by invitation")


def registered(protocol: Protocol) -> Iterator[Finding]:
    """Yield what the registration and the rest of the file have against each other."""
    yield from _masking(protocol)
    yield from _allocation(protocol)
    yield from _dates(protocol)
    yield from _arms(protocol)
    yield from _sites(protocol)
    for regimen in protocol.regimens.values():
        yield from _doses(protocol, regimen)
    yield from _grading(protocol)
    yield from _sources(protocol)


def _masking(protocol: Protocol) -> Iterator[Finding]:
    study = protocol.file.study
    design, place = study.design, protocol.source.place(("study", "design", "masking"))
    title = f"{study.brief_title} {study.official_title or ''}"
    placebo = [arm.label for arm in study.arms if arm.type in ("placebo comparator", "sham comparator")]
    if design.masking == "none" and (_BLIND.search(title) or placebo):
        why = f"The arm “{placebo[0]}” is one." if placebo else "The title says so."
        yield finding("TW-P060", place, "A placebo or blinding, and no masking", why, ways=("masking: double",))
    if design.masking not in (None, "none") and _OPEN.search(title):
        yield finding("TW-P060", place, f"The title says open label, the masking {design.masking}", ways=("masking: none",))
    counts = {"single": 1, "double": 2, "triple": 3, "quadruple": 4}
    wanted = counts.get(design.masking or "")
    if wanted and design.masked and len(design.masked) != wanted:
        yield finding(
            "TW-P060",
            place,
            f"Masking is {design.masking}, and {len(design.masked)} are masked",
            f"{listed(list(design.masked))}.",
            severity=WARNING,
        )
    randomization = protocol.file.randomization
    if randomization is not None and design.masking is not None and randomization.masked != (design.masking != "none"):
        said = "masked" if randomization.masked else "not masked"
        where = protocol.source.place(("randomization", "masked"))
        yield finding(
            "TW-P060", where, f"The randomization is {said}, the record's masking is {design.masking}", ways=("masked: …",)
        )


def _allocation(protocol: Protocol) -> Iterator[Finding]:
    file = protocol.file
    allocation, place = file.study.design.allocation, protocol.source.place(("study", "design", "allocation"))
    arms = len(file.study.arms)
    if allocation == "non-randomized" and arms == 1:
        yield finding(
            "TW-P061",
            place,
            "“Non-randomized” with one arm",
            "Nothing is allocated where everybody receives the same.",
            ways=("not applicable",),
        )
    if allocation == "randomized" and arms < 2:
        yield finding("TW-P065", place, f"Randomized, with {arms} arm{'s' * (arms != 1)}", "There is nothing to randomize to.")
    if allocation == "randomized" and file.randomization is None:
        yield finding("TW-P065", place, "Randomized, and the file does not say how", ways=("randomization: {ratio: …}",))
    if allocation != "randomized" and file.randomization is not None:
        where = protocol.source.place(("randomization",))
        yield finding(
            "TW-P065",
            where,
            f"The file randomizes; the record's allocation is {allocation or 'not stated'}",
            ways=("allocation: randomized",),
        )
    if file.randomization is not None:
        parts = [part for part in file.randomization.ratio.split(":") if part.strip()]
        arms = len(file.randomization.arms or file.arms)
        if len(parts) != arms:
            where = protocol.source.place(("randomization", "ratio"))
            yield finding("TW-P065", where, f"The ratio {file.randomization.ratio} is for {len(parts)} arms; the file has {arms}")


def _partial(value: Any) -> PartialDate | None:
    text = getattr(value, "date", value)
    try:
        return parse_partial_date(text) if text else None
    except DateError:
        return None


def _dates(protocol: Protocol) -> Iterator[Finding]:
    status = protocol.file.study.status
    start, submitted = _partial(status.start), _partial(status.first_submitted)
    if start and submitted and submitted.earliest > start.latest:
        days = (submitted.earliest - start.latest).days
        late = f"about {round(days / 30.4375)} months" if days > 45 else f"{days} days"
        also = _partial(status.primary_completion)
        after = " It was also after the primary completion." if also and submitted.earliest > also.latest else ""
        yield finding(
            "TW-P062",
            protocol.source.place(("study", "status", "first_submitted")),
            f"Registered {late} after the start",
            f"Start {start}, first submitted {submitted}: the outcomes were registered when data existed.{after}",
        )
    order = [("start", status.start), ("primary_completion", status.primary_completion), ("completion", status.completion)]
    known = [(name, found) for name, value in order if (found := _partial(value)) is not None]
    for (first, one), (second, other) in pairwise(known):
        if one.earliest > other.latest:
            where = protocol.source.place(("study", "status", second))
            yield finding("TW-P080", where, f"The {_spoken(second)} comes before the {_spoken(first)}", f"{other} and {one}.")


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _arms(protocol: Protocol) -> Iterator[Finding]:
    file = protocol.file
    place = protocol.source.place(("arms",))
    if file.study.design.model == "crossover" or file.escalation is not None:
        return  # what runs are sequences, or cohorts
    if file.arms and file.study.arms and len(file.arms) != len(file.study.arms):
        yield finding("TW-P066", place, f"The record has {len(file.study.arms)} arms, the file {len(file.arms)}")
        return
    for index, arm in enumerate(file.study.arms):
        running = file.arms.get(arm.id)
        if file.arms and running is None:
            where = protocol.source.place(("study", "arms", index))
            yield finding("TW-P066", where, f"The arm `{arm.id}` of the record does not run", ways=tuple(file.arms)[:2])
        elif running is not None and set(running.receives) != set(arm.interventions):
            where = protocol.source.place(("arms", arm.id, "receives"))
            detail = f"The record says {listed(list(arm.interventions)) or 'nothing'}, the file {listed(list(running.receives))}."
            yield finding("TW-P066", where, f"The arm `{arm.id}` receives something else than the record says", detail)


def _sites(protocol: Protocol) -> Iterator[Finding]:
    study = protocol.file.study
    silent = [site.city for site in study.sites if not site.contacts]
    if silent and not study.contacts:
        recruiting = study.status.overall in _RECRUITING
        title = f"{len(silent)} of {len(study.sites)} sites have no contact"
        why = (
            "A patient cannot ask there."
            if recruiting
            else "The study no longer recruits; a reader of the paper may still have questions."
        )
        yield finding(
            "TW-P063",
            protocol.source.place(("study", "sites")),
            title,
            f"{listed(silent[:6])}. {why}",
            severity=WARNING if recruiting else None,
        )


def _doses(protocol: Protocol, regimen: CompiledRegimen) -> Iterator[Finding]:
    """The record's words about doses and duration against levels, start and course."""
    for words in _descriptions(protocol, regimen):
        doses = [one for one in amounts_in_text(words) if one.unit is not None and commensurable(one.unit, regimen.unit)]
        levels = [Amount(Fraction(level), regimen.unit, "", number(level)) for level in regimen.levels]
        steps = [Amount(Fraction(high) - Fraction(low), regimen.unit, "", "step") for low, high in pairwise(regimen.levels)]
        for one in doses:
            if not any(one.equals(other) for other in (*levels, *steps)):
                yield finding(
                    "TW-P068",
                    regimen.place,
                    f"The record gives {one.text}, which is no dose level of {regimen.intervention}",
                    f"“{words}”",
                    f"The levels are {listed([level.text for level in levels])} {regimen.unit_text}.",
                )
        if doses and not regimen.per:
            yield from _start_and_most(regimen, words, doses, levels)
        yield from _duration(regimen, words)
        return


def _descriptions(protocol: Protocol, regimen: CompiledRegimen) -> Iterator[str]:
    study = protocol.file.study
    name = regimen.registered or regimen.intervention
    yield from (
        arm.description for arm in study.arms if name in arm.interventions and arm.description and _given_to(regimen, arm.id)
    )
    yield from (one.description for one in study.interventions if one.id == name and one.description)


def _given_to(regimen: CompiledRegimen, arm: str) -> bool:
    return not regimen.arms or arm in regimen.arms


def _start_and_most(regimen: CompiledRegimen, words: str, doses: list[Amount], levels: list[Amount]) -> Iterator[Finding]:
    start = levels[regimen.start_index]
    told = _ESCALATES.search(words) and any(one.equals(start) for one in doses)
    if not doses[0].equals(start) and not told and not regimen.starts:
        yield finding(
            "TW-P068",
            regimen.place,
            f"The record starts at {doses[0].text}, the file at {start.text} {regimen.unit_text}",
            f"“{words}”",
            ways=(f"start: {doses[0].text} on day {regimen.start_day}",),
        )
    most = max(doses, key=lambda one: one.value)
    if len(doses) > 1 and most.value < levels[-1].value:
        yield finding(
            "TW-P068",
            regimen.place,
            f"The record's highest dose is {most.text}, the file's {levels[-1].text} {regimen.unit_text}",
            f"“{words}”",
            ways=(f"Drop the levels above {most.text}",),
        )


def _duration(regimen: CompiledRegimen, words: str) -> Iterator[Finding]:
    if regimen.course is None:
        return
    course = Amount(Fraction(regimen.course.days), DAY, "", f"{regimen.course.days} days")
    spans = [
        one
        for one in amounts_in_text(words)
        if one.unit is not None and commensurable(one.unit, DAY) and one.text[0].isdigit() and not _PERIODIC.search(one.before)
    ]
    whole = sum(one.value * conversion_factor(one.unit, DAY) for one in spans if one.unit is not None)
    if spans and whole != course.value and not any(one.equals(course) for one in spans):
        yield finding(
            "TW-P069",
            regimen.place,
            f"The record's course is {spans[-1].text}, the file's {course.text}",
            f"“{words}”",
            ways=(f"course: {spans[-1].text} from first dose",),
        )


def _grading(protocol: Protocol) -> Iterator[Finding]:
    events = protocol.file.adverse_events
    if events is not None and events.grading.upper() == "CTCAE" and events.version.split(".")[0] != SHIPPED_CTCAE:
        yield finding(
            "TW-P070",
            protocol.source.place(("adverse_events", "version")),
            f"Grades follow CTCAE {events.version}; the terms shipped are version 5",
            "Grades of a few terms differ between the versions.",
            ways=('version: "5.0"',),
        )


def _sources(protocol: Protocol) -> Iterator[Finding]:
    for path, node in _mappings(protocol.source.data, ()):
        if node.get("assumption") and not node.get("source"):
            where = protocol.source.place((*path, "assumption"))
            name = ".".join(str(step) for step in path)
            yield finding(
                "TW-P064", where, f"The assumption at `{name}` has no source", f"“{node['assumption']}”", ways=("source: …",)
            )


def _mappings(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for key, part in value.items():
            yield from _mappings(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _mappings(part, (*path, index))
