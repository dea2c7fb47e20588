"""The page of operating characteristics in Chromium, light and dark, wide and narrow; and its section in a trial's report."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.chromium import faults
from tests.simulated_arms import STEADY, played, two_arms
from tests.simulated_titration import PROTOCOL, reading, titration

from trialwright.cli.main import cli
from trialwright.report.html import render_html
from trialwright.report.operating import OperatingMaterial, build_operating_report
from trialwright.report.operating.kept import kept_section
from trialwright.simulation.characteristics.plain import as_plain
from trialwright.simulation.scenarios.grid import read_range, scenarios
from trialwright.simulation.scenarios.playing import on_threads, play
from trialwright.simulation.scenarios.sensitivity import swings, turns, variants
from trialwright.simulation.scenarios.work import plan_work

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a real browser, and trials played
ACCRUING = """
accrual:
  per_month: {value: 2, unit: 1/mo, assumption: made up}
  sites: {Simulated site 1: 1}
  assumption: made up
"""
UNCERTAIN = ACCRUING + "uncertain:\n  leaves.none: {low: 0, high: 0.05, assumption: made up}\n"


def grid_page() -> str:
    made = scenarios([read_range("leaves.none=0:0.04:0.02")], {})
    outcomes = play(plan_work(titration(UNCERTAIN), 1, 200, made), on_threads(1))
    return render_html(build_operating_report(OperatingMaterial(outcomes), None))


def tornado_page() -> str:
    found = turns(reading(UNCERTAIN), Decimal(0), {})
    outcomes = play(plan_work(titration(UNCERTAIN), 1, 200, variants(found, {})), on_threads(1))
    effects = swings(outcomes.each, found, "response")
    material = OperatingMaterial(outcomes, outcomes.each[0], "another.yaml", effects, "response", "trialwright simulate")
    return render_html(build_operating_report(material, None))


def arms_page() -> str:
    outcomes = played(two_arms(STEADY + ACCRUING), 100)
    return render_html(build_operating_report(OperatingMaterial(outcomes, command="trialwright simulate"), None))


@pytest.fixture(scope="module", params=["grid", "tornado", "arms"])
def page_text(request: pytest.FixtureRequest) -> str:
    return {"grid": grid_page, "tornado": tornado_page, "arms": arms_page}[request.param]()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_asked_of_elsewhere(browser, page_text: str, scheme: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(page_text.replace("default-src 'none'; ", ""))
    found = faults(page)
    page.close()
    assert found == []
    assert asked == []


@pytest.mark.parametrize("width", [360, 1280])
def test_only_tables_and_figures_scroll(browser, page_text: str, width: int) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.set_content(page_text)
    found = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert found <= width


def test_every_figure_is_stamped_described_and_stands_beside_a_table(page_text: str) -> None:
    figures = page_text.split("<figure ")[1:]
    assert len(figures) >= 4
    for figure in figures:
        assert "SIMULATED" in figure
        assert "<desc" in figure
        assert "<title" in figure
        assert "as a table" in figure or "tornado-figure" in figure


def test_the_same_result_gives_the_same_page() -> None:
    assert grid_page() == grid_page()


def test_a_kept_simulation_stands_in_the_report_of_its_trial_alone(tmp_path: Path) -> None:
    home = ["--home", str(tmp_path)]
    seed = PROTOCOL.parents[1] / "nilg-hes1-03/protocol.yaml"
    assert CliRunner().invoke(cli, ["rehearse", str(seed), "--format", "json", *home]).exit_code == 0
    folder = tmp_path / "trials/nilg-hes1-03-rehearsal"
    words = ["simulate", str(seed), "-n", "40", "--interpreted", "--out", str(folder / "simulation")]
    assert CliRunner().invoke(cli, words).exit_code == 0
    assert CliRunner().invoke(cli, ["report", "--no-pdf", *home]).exit_code == 0
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "Operating characteristics (simulated)" in html
    assert "Nothing in this section was observed" in html
    told = json.loads((folder / "simulation/result.json").read_text(encoding="utf-8"))
    assert kept_section(told, "another digest") is None
    assert kept_section({"simulated": True}, "x") is None


def test_a_partial_result_says_so_first() -> None:
    outcomes = play(plan_work(titration(), 1, 200, scenarios([], {})), on_threads(1))
    told = as_plain(outcomes.each[0].found)
    told["provenance"]["partial"] = True
    section = kept_section(told, outcomes.work.compiled.design.protocol.digest)
    assert section is not None
    assert "broken off" in str(section.blocks[0])
