"""`check`: everything that can be said of a protocol without running it, in order of weight. Reads no file, prints nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from trialwright.protocol.study import Protocol
from trialwright.review.aims import aims
from trialwright.review.criteria.comparing import compared, comparisons
from trialwright.review.criteria.consent import consent_findings
from trialwright.review.criteria.statements import statements_of
from trialwright.review.criteria.together import together
from trialwright.review.drafting import RANK, finding
from trialwright.review.justified import justified
from trialwright.review.monitored import monitored
from trialwright.review.policy.exits import exits
from trialwright.review.policy.explore import explore
from trialwright.review.policy.remarks import remarks
from trialwright.review.registered import registered
from trialwright.review.result import PolicyReport, Review
from trialwright.review.schedule import schedule_findings
from trialwright.review.wording import wording
from trialwright.vocabulary.findings import Finding, Severity

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def check(protocol: Protocol) -> Review:
    """Review a protocol: its criteria, words, dosing policy, schedule and aims.

    Findings that the file acknowledges carry its reason. The gravest stand first.
    """
    dosing, reports = review_dosing(protocol)
    found = [*review_criteria(protocol), *dosing, *review_plan(protocol)]
    told = [*_acknowledged(protocol, found)]
    return Review(tuple(sorted(told, key=_weight)), reports)


def review_criteria(protocol: Protocol) -> tuple[Finding, ...]:
    """Review who may take part: criteria, record fields, consent, and the words beside every rule."""
    return (*_of_criteria(protocol), *wording(protocol))


def review_dosing(protocol: Protocol) -> tuple[tuple[Finding, ...], tuple[PolicyReport, ...]]:
    """Explore every regimen; return what was found and the reports."""
    found: list[Finding] = []
    reports: list[PolicyReport] = []
    for regimen in protocol.regimens.values():
        explored = explore(protocol, regimen)
        reports.append(explored.report)
        found += [*remarks(explored, regimen), *exits(protocol, regimen)]
    return tuple(found), tuple(reports)


def review_plan(protocol: Protocol) -> tuple[Finding, ...]:
    """Review schedule, objectives, endpoints, sample size, monitoring and the registration."""
    return (
        *schedule_findings(protocol),
        *aims(protocol),
        *justified(protocol),
        *monitored(protocol),
        *registered(protocol),
    )


def _weight(one: Finding) -> tuple[int, int, int]:
    return _WEIGHT[one.severity], RANK[one.code], one.place.line


def _of_criteria(protocol: Protocol) -> Iterator[Finding]:
    statements = statements_of(protocol)
    for one in compared(protocol, statements):
        yield from comparisons(one)
    yield from together(protocol, statements)
    yield from consent_findings(protocol, statements)


def _acknowledged(protocol: Protocol, found: list[Finding]) -> Iterator[Finding]:
    """Mark what the file acknowledges; an acknowledgement that matches nothing is a finding itself."""
    matched: set[int] = set()
    for one in found:
        reason = ""
        for index, known in enumerate(protocol.file.acknowledged):
            if known.code == one.code and (known.path is None or _stands_at(one, known.path)):
                matched.add(index)
                reason = reason or known.reason
        yield replace(one, acknowledged=reason) if reason else one
    for index, known in enumerate(protocol.file.acknowledged):
        if index not in matched:
            place = protocol.source.place(("acknowledged", index))
            where = f" at `{known.path}`" if known.path else ""
            yield finding(
                "TW-P099",
                place,
                f"Nothing found is {known.code}{where}",
                "The acknowledgement matches no finding.",
                ways=("Delete it",),
            )


def _stands_at(one: Finding, path: str) -> bool:
    """Whether a finding stands at a path, or below it."""
    return bool(re.match(rf"{re.escape(path)}(?:$|[.\[])", one.place.path))
