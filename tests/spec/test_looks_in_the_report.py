"""Interim looks in the trial's report: who looked, when, at what, and what simulating the rest answered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from shutil import which
from subprocess import run

import pytest
from tests.small_trial import imagined, protocol, small_trial

from trialwright.engine.state import TrialState
from trialwright.events.catalogue import InterimLookTaken
from trialwright.report.document import Callout, CalloutKind, Document, Number, Section, Table
from trialwright.report.html import render_html
from trialwright.report.pdf import render_pdf
from trialwright.report.trial_report import build_report
from trialwright.vocabulary.findings import Finding, Place, Severity

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DIGEST = "6eacd4071369fe51a008bc8ba6ca5e1db028321e3da44e284f535a00c14415ba"
LOOK = InterimLookTaken(
    endpoint="chr_by_week_12",
    enrolled=6,
    known=4,
    responders=2,
    planned=25,
    question="probability that the final interval lies above 20 %",
    answer="0.6543",
    trials=2000,
    seed="17",
    virtual=DIGEST,
    reason="the board asked",
    on=date(2005, 3, 1),
)


def report(state: TrialState, *findings: Finding) -> Document:
    return build_report(protocol(), state, small_trial().head, findings, AT)


@lru_cache(maxsize=1)
def looked() -> Document:
    return report(imagined(small_trial().state, LOOK))


def section(document: Document) -> Section:
    (conduct,) = (one for one in document.sections if one.id == "conduct")
    (found,) = (one for one in conduct.sections if one.id == "interim-looks")
    return found


def test_a_report_lists_each_look_with_who_when_what_and_from_what_it_was_simulated() -> None:
    banner, table = section(looked()).blocks
    assert isinstance(banner, Callout) and banner.kind is CalloutKind.SIMULATED
    assert banner.title == "Interim look; the rest SIMULATED"
    assert isinstance(table, Table)
    (row,) = table.rows
    words = [str(word.text if isinstance(word, Number) else word) for cell in row.cells for word in cell]
    assert words[0] == "2005-03-01"
    assert "6 of 25 simulated participants enrolled, 4 with an outcome, 2 responded" in words[2]
    assert words[3] == "Probability that the final interval lies above 20 %"
    assert words[4] == "65.43"
    assert words[5].startswith(f"2,000 trials, seed 17, chances {DIGEST[:12]}; entry ")


def test_the_number_leads_to_the_whole_digests_and_the_reason() -> None:
    (behind,) = (one for one in looked().behind if one.id == "behind-interim-looks")
    told = {what: value for _, what, value in behind.rows}
    assert told["digest of the chances"] == DIGEST
    assert told["digest of the protocol"] == imagined(small_trial().state, LOOK).interim_looks[0].protocol
    assert told["why"] == "the board asked"
    assert told["seed"] == "17" and told["trials"] == "2,000"


def test_a_trial_without_a_look_says_so() -> None:
    page = render_html(report(small_trial().state))
    assert "No interim look is recorded in the log." in page
    assert "the rest SIMULATED" not in page


@pytest.mark.skipif(which("pdftotext") is None, reason="pdftotext is not installed")
def test_page_and_paper_both_have_it() -> None:
    done = run(["pdftotext", "-layout", "-", "-"], input=render_pdf(looked(), AT), capture_output=True, check=True)
    for told in (render_html(looked()), done.stdout.decode()):
        assert "Interim look; the rest SIMULATED" in told
        assert "65.43" in told
        assert DIGEST in told


def test_a_finding_that_names_real_places_is_not_told_beside_simulated_people() -> None:
    finding = Finding(
        "TW-P063", Severity.NOTE, Place("protocol.yaml", 146, 5), "4 of 4 sites have no contact", "Bergamo, Vicenza."
    )
    told = render_html(report(small_trial().state, finding))
    assert "4 of 4 sites have no contact" in told
    assert "Vicenza" not in told
