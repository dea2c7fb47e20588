"""The review of a plain record: every check, in the order in which a reader would want the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trialwright.registry.record import Record
from trialwright.review.record.abbreviations import check_abbreviations
from trialwright.review.record.arms import check_arms
from trialwright.review.record.design import check_design
from trialwright.review.record.numbers import check_numbers
from trialwright.review.record.outcomes import check_outcomes
from trialwright.review.record.sites import check_sites
from trialwright.review.record.subject import Subject
from trialwright.review.record.timeline import check_timeline
from trialwright.review.record.wording import check_wording
from trialwright.vocabulary.findings import Finding, Severity

Check = Callable[[Subject], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    check_numbers,
    check_wording,
    check_outcomes,
    check_design,
    check_timeline,
    check_arms,
    check_abbreviations,
    check_sites,
)
_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def review_record(record: Record, file: str) -> tuple[Finding, ...]:
    """Review one registry record, without a protocol, as an experienced reviewer would.

    Args:
        record: Any record; missing modules are no fault of the review.
        file: The file it came from, as findings should name it.

    Returns:
        Findings, errors first, then warnings, then notes; the same record always gives the same findings.
    """
    subject = Subject(record, file)
    found = [finding for check in CHECKS for finding in check(subject)]
    return tuple(sorted(found, key=lambda finding: _WEIGHT[finding.severity]))
