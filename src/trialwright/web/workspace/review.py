"""What ``check`` says of a trial's protocol, as a page wants it. Reviews nothing itself, and keeps what it was told in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from trialwright.conduct.home import TrialFolder
from trialwright.review import GuaranteeReport, check
from trialwright.vocabulary.findings import Finding, Severity
from trialwright.web.cache import Remembered
from trialwright.web.folders import stamp
from trialwright.web.workspace.folder import protocol_of


@dataclass(frozen=True, slots=True)
class Explored:
    """The exploration of one intervention's dosing rules."""

    intervention: str
    words: str
    guarantees: tuple[GuaranteeReport, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The findings in order of weight, how many of each kind, and what was explored."""

    findings: tuple[Finding, ...]
    summary: str
    explored: tuple[Explored, ...]


_kept: Remembered[Reviewed] = Remembered(most=16)


def reviewed(folder: TrialFolder) -> Reviewed:
    """Review the protocol file, anew whenever it has changed."""
    return _kept.get(folder.path, stamp(folder.protocol), lambda: _review(folder))


def _review(folder: TrialFolder) -> Reviewed:
    reading = protocol_of(folder)
    if reading.protocol is None:
        return Reviewed(reading.findings, _counted(reading.findings), ())
    found = check(reading.protocol)
    findings = (*reading.findings, *found.findings)
    explored = tuple(
        Explored(
            one.intervention,
            one.limits or f"{one.states:,} states on a day and {one.transitions:,} decisions were examined, every one of them.",
            one.guarantees,
        )
        for one in found.policy
    )
    return Reviewed(findings, _counted(findings), explored)


def _counted(findings: tuple[Finding, ...]) -> str:
    open_ones = Counter(finding.severity for finding in findings if not finding.acknowledged)
    acknowledged = sum(1 for finding in findings if finding.acknowledged)
    words = [f"{open_ones[kind]} {kind.value}{'' if open_ones[kind] == 1 else 's'}" for kind in Severity]
    return ", ".join([*words, f"{acknowledged} acknowledged with a reason"]) + "."
