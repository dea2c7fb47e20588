"""The content of the trial report, from protocol and state, as one typed document.

It chooses and words; the analysis has estimated, the figures draw, and HTML and PDF render the same document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath

from trialwright.analysis import analyse
from trialwright.datasets.followed import follow_all
from trialwright.engine.state import TrialState
from trialwright.log import Head
from trialwright.protocol.study import Protocol
from trialwright.report.document import CodeSpan, Document, Section, Words
from trialwright.report.trial_report.conduct import conduct
from trialwright.report.trial_report.courses import courses
from trialwright.report.trial_report.material import WATERMARK, Material
from trialwright.report.trial_report.people import participants
from trialwright.report.trial_report.provenance import assumptions, findings, number_of_participants, provenance
from trialwright.report.trial_report.results import results
from trialwright.report.trial_report.synopsis import synopsis
from trialwright.vocabulary.dates import format_instant
from trialwright.vocabulary.findings import Finding

__all__ = ["build_report"]
LEFT_OUT = "It names places or people of the registered study, which stand in no simulated report; `trialwright check` says more."


def build_report(
    protocol: Protocol,
    state: TrialState,
    head: Head,
    findings_of_check: Iterable[Finding],
    generated_at: datetime,
    simulation: Section | None = None,
) -> Document:
    """Write the whole report.

    Args:
        protocol: The version in force.
        state: The trial as it stands at ``head``.
        head: Where the log ends.
        findings_of_check: What ``check`` says of the protocol file.
        generated_at: Aware instant that the report states.
        simulation: Operating characteristics that were kept beside the log; they stand before the assumptions.

    Returns:
        The document; the same arguments give the same document.
    """
    run = analyse(protocol, state, head.digest)
    material = Material(
        protocol,
        state,
        head,
        tuple(_as_shown(one, protocol, state) for one in findings_of_check),
        generated_at,
        run,
        follow_all(protocol, state),
    )
    sections = tuple(section for section in _sections(material, simulation) if section is not None)
    reason = "No participant in this report exists; every one is simulated." if state.simulated else ""
    return Document(
        title=_title(material),
        subtitle="Trial report",
        watermark=WATERMARK if state.simulated else "",
        watermark_reason=reason,
        metadata=_metadata(material),
        sections=sections,
        behind=material.book.behind,
    )


def _sections(material: Material, simulation: Section | None) -> tuple[Section | None, ...]:
    return (
        synopsis(material),
        participants(material),
        results(material),
        courses(material),
        conduct(material),
        number_of_participants(material),
        simulation,
        assumptions(material),
        findings(material),
        provenance(material),
    )


def _as_shown(finding: Finding, protocol: Protocol, state: TrialState) -> Finding:
    """A finding as the report may show it: no folder of ours, and nothing simulated beside the name of a real place or person."""
    shown = _without_folder(finding)
    study = protocol.file.study
    real = {name for site in study.sites for name in (site.name, site.city) if name}
    real |= {official.name for official in study.officials}
    if not state.simulated or not any(name in words for name in real for words in (shown.detail, shown.witness)):
        return shown
    return replace(shown, detail=LEFT_OUT, witness="")


def _without_folder(finding: Finding) -> Finding:
    """Name files without the folder they were read from, which is nobody's business."""
    places = tuple(replace(place, file=PurePath(place.file).name) for place in finding.others)
    return replace(finding, place=replace(finding.place, file=PurePath(finding.place.file).name), others=places)


def _title(material: Material) -> str:
    """The trial's own title; a simulated trial says so even where its title does not."""
    title = material.state.title or material.protocol.id
    return title if not material.simulated or "simulated" in title.lower() else f"{title} (simulated)"


def _metadata(material: Material) -> tuple[tuple[str, Words], ...]:
    return (
        (
            "Protocol",
            (
                f"{material.protocol.id}, version {material.protocol.file.study.version}, ",
                CodeSpan(material.protocol.digest[:16]),
            ),
        ),
        ("Log head", (CodeSpan(material.head.digest[:16]), f", entry {material.head.sequence}")),
        ("Made", (format_instant(material.generated_at),)),
    )
