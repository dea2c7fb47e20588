"""What the trial report holds, from the small trial; how it looks is held elsewhere."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache

import pytest
from tests.small_trial import SEED, corrected, protocol, small_trial

from trialwright.engine.state import TrialState
from trialwright.log import GENESIS
from trialwright.protocol import parse_protocol
from trialwright.report.document import Document, Figure, Number, Table, labels
from trialwright.report.html import render_html
from trialwright.report.pdf import render_pdf
from trialwright.report.trial_report import build_report
from trialwright.vocabulary.findings import Finding, Place, Severity

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FINDING = Finding("TW-P014", Severity.ERROR, Place("/somewhere/private/protocol.yaml", 321, 13), "Age 15 is neither in nor out")


@lru_cache(maxsize=1)
def report() -> Document:
    return build_report(protocol(), small_trial().state, small_trial().head, (FINDING,), AT)


@lru_cache(maxsize=1)
def page() -> str:
    return render_html(report())


def tables(document: Document) -> dict[str, Table]:
    found: dict[str, Table] = {}
    pending = list(document.sections)
    while pending:
        section = pending.pop()
        pending += section.sections
        for block in section.blocks:
            table = block.data if isinstance(block, Figure) else block
            if isinstance(table, Table):
                found[table.id] = table
    return found


def numbers(table: Table) -> list[Number]:
    return [word for row in table.rows for cell in row.cells for word in cell if isinstance(word, Number)]


def test_every_number_and_reference_leads_somewhere_and_the_same_state_gives_the_same_page() -> None:
    assert labels(report())
    again = build_report(protocol(), small_trial().state, small_trial().head, (FINDING,), AT)
    assert render_html(again) == page()


def test_the_report_states_the_hand_calculated_results() -> None:
    for words in ("2 of 6 (33 %; 95 % interval 4 to 78 %)", "3 of 6 (42 d; 95 % interval 7 to not reached)"):
        assert words in page()
    rates = tables(report())["rates-objective-activity"]
    assert [number.text for number in numbers(rates)][:4] == ["2/6", "2/6", "2/6", "3/6"]


def test_the_rows_behind_the_primary_result_are_its_participants_with_their_entries() -> None:
    behind = {one.id: one for one in report().behind}["behind-chr-by-week-12"]
    assert [row[0] for row in behind.rows] == ["P01", "P02", "P03", "P04", "P05", "P06"]
    assert all(re.fullmatch(r"\d+(, \d+)*", row[-1]) for row in behind.rows)


def test_nothing_simulated_stands_under_real_names() -> None:
    study = protocol().file.study
    assert report().watermark == "SIMULATED" and "simulated" in report().title
    real = [study.sponsor.name, *(site.name for site in study.sites), *(site.city for site in study.sites)]
    real += [official.name.split(",")[0] for official in study.officials] + [study.responsible_party.name_title or "nobody"]
    without_findings = page().replace("Bassan R. A short", "")
    for name in real:
        assert name not in without_findings, name
    assert study.identifiers.nct not in report().title and "no result of that study stands in this report" in page()


def test_people_who_are_not_simulated_are_not_called_so() -> None:
    real = replace(small_trial().state, simulated=False, title="A trial")
    document = build_report(protocol(), real, small_trial().head, (), AT)
    assert document.watermark == "" and document.title == "A trial"
    words = re.sub(r"assumption.*", "", render_html(document), flags=re.IGNORECASE)
    assert "SIMULATED" not in words and "simulated participants" not in words


def test_every_assumption_of_the_file_is_listed_with_its_line() -> None:
    stated = len(re.findall(r"^\s*(?:- \{.*)?assumption:", SEED.read_text(encoding="utf-8"), flags=re.MULTILINE))
    rows = tables(report())["assumptions-table"].rows
    assert len(rows) == stated
    lines = SEED.read_text(encoding="utf-8").splitlines()
    assert all("assumption:" in lines[int(str(row.cells[0][0])) - 1] for row in rows)


def test_findings_name_their_file_without_the_folder() -> None:
    assert "TW-P014" in page() and "/somewhere" not in page() and "protocol.yaml:321:13" in page()


def test_the_log_head_and_the_command_that_verifies_it_are_printed() -> None:
    assert f"--expect-head {small_trial().head.digest}" in page()
    assert protocol().digest in page()


def test_a_decision_on_changed_data_is_shown_with_what_changed() -> None:
    state = corrected(small_trial().state, "P02", 29, "30.0")
    table = tables(build_report(protocol(), state, small_trial().head, (), AT))["changed-decisions"]
    said = {str(row.cells[3][0]) for row in table.rows}
    assert said == {"Eosinophils 2.5 → 30.0"} and {str(row.cells[0][0]) for row in table.rows} == {"P02"}


def test_what_was_not_carried_out_is_printed() -> None:
    text = SEED.read_text(encoding="utf-8").replace("measure: exposure", "measure: value")
    changed = parse_protocol(text, "changed.yaml").protocol
    assert changed is not None
    assert "not one that this version estimates" in render_html(build_report(changed, small_trial().state, GENESIS, (), AT))


@pytest.mark.parametrize("simulated", [True, False])
def test_a_trial_with_nobody_in_it_has_a_report(simulated: bool) -> None:
    empty = TrialState(study="empty", title="Empty", simulated=simulated, opened_on=date(2005, 1, 1))
    document = build_report(protocol(), empty, GENESIS, (), AT)
    assert "Nobody belongs to the population" in render_html(document)


@pytest.mark.long
def test_the_report_is_set_as_a_pdf() -> None:
    pytest.importorskip("typst")
    assert render_pdf(report(), AT).startswith(b"%PDF")


def test_a_protocol_without_plan_or_doses_has_a_report() -> None:
    text = SEED.read_text(encoding="utf-8")
    head = text[: text.index("\nobjectives:")] + "\n" + text[text.index("\nsample_size:") :]
    plain = parse_protocol(head, "plain.yaml").protocol
    assert plain is not None and not plain.file.endpoints
    document = build_report(plain, small_trial().state, GENESIS, (), AT)
    assert "No endpoint of the plan was carried out" in render_html(document)
