"""The figures: what they show, that colour is never alone, that words are safe, and that they are drawn fast."""

import time
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report_samples import DOSES, FIGURES, TIMES, frame, lanes

from trialwright.analysis.estimators.survival import kaplan_meier
from trialwright.report.drawing_check import check_drawing
from trialwright.report.figures.axes import Scale, Tick, log_ticks, round_ticks, week_ticks
from trialwright.report.figures.canvas import Drawing, Frame
from trialwright.report.figures.flow import Flow, FlowBox, FlowStep, flow_diagram
from trialwright.report.figures.forest import ForestAxis, ForestRow, forest
from trialwright.report.figures.palette import dose_colours, ink_on
from trialwright.report.figures.swimmer import DoseSpan, Happening, Lane, LaneMark, swimmer
from trialwright.report.figures.time_to_event import TimeAxis, kaplan_meier_figure
from trialwright.report.figures.timeline import Course, Reading, timeline
from trialwright.report.figures.trajectories import Trajectory, TrajectoryAxis, trajectories
from trialwright.report.figures.waterfall import Change, WaterfallWords, waterfall

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"><script>alert(1)</script>&]]>'


def words_of(drawing: Drawing) -> list[str]:
    return [str(t.text) for t in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")]


def tips_of(drawing: Drawing) -> list[str]:
    return [str(t.text) for t in ElementTree.fromstring(drawing.svg).iter(f"{SVG}title")][1:]


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES.keys())
def test_every_figure_is_named_described_stamped_and_the_same_each_time(make) -> None:  # type: ignore[no-untyped-def]
    drawing = make()
    root = ElementTree.fromstring(check_drawing(drawing.svg))
    links = list(root.iter(f"{SVG}a"))
    assert root.get("role") == ("group" if links else "img")
    assert all(link.find(f"{SVG}title") is not None for link in links)
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and desc is not None and desc.text == drawing.alt
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert words_of(drawing).count("SIMULATED") == 2
    assert make() == drawing


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES.keys())
def test_nothing_is_drawn_beside_the_paper(make) -> None:  # type: ignore[no-untyped-def]
    root = ElementTree.fromstring(make().svg)
    _, _, width, height = (float(v) for v in str(root.get("viewBox")).split())
    drawn = [e for e in root.iter() if e.tag in (f"{SVG}text", f"{SVG}rect", f"{SVG}circle")]
    for element in drawn:
        x, y = (float(element.get(key, element.get(f"c{key}", "0"))) for key in ("x", "y"))
        assert -1 <= x <= width + 1 and -1 <= y <= height + 1
    for shape in root.iter():
        for pair in str(shape.get("points", "")).split():
            x, y = (float(v) for v in pair.split(","))
            assert -1 <= x <= width + 1 and -1 <= y <= height + 1


def test_a_figure_of_real_participants_carries_no_stamp() -> None:
    drawing = flow_diagram(Frame("flow", "Flow"), Flow((FlowStep(FlowBox("Enrolled", 25)),)))
    assert words_of(drawing) == ["Enrolled (n\u00a0=\u00a025)"]


def test_all_figures_together_are_drawn_within_half_a_second() -> None:
    began = time.perf_counter()
    for make in FIGURES.values():
        make()
    assert time.perf_counter() - began < 0.5


def test_hostile_words_stay_words_in_every_figure() -> None:
    bad = Frame("bad", HOSTILE, "SIMULATED")
    curve = kaplan_meier([1, 2], [True, False])
    drawings = [
        swimmer(bad, [Lane(HOSTILE, HOSTILE, (DoseSpan(1, 7, 100),), (LaneMark(3, Happening.STOP, HOSTILE),), 9)], DOSES, 28),
        waterfall(bad, [Change(HOSTILE, HOSTILE, -20)], WaterfallWords(HOSTILE, HOSTILE)),
        forest(bad, [ForestRow(HOSTILE, HOSTILE, 0.5, 0.2, 0.8)], ForestAxis(HOSTILE, 0, 1)),
        kaplan_meier_figure(bad, [(HOSTILE, curve), ("b", curve)], TimeAxis(HOSTILE, 3), HOSTILE),
        flow_diagram(bad, Flow((FlowStep(FlowBox(HOSTILE, 1, ((HOSTILE, 1),))),))),
        timeline(bad, Course(HOSTILE, (Reading(1, 2.0, words=HOSTILE),), (), (), 28), DOSES),
        trajectories(bad, [Trajectory(HOSTILE, HOSTILE, ((1, 2.0), (8, 1.0)))], TrajectoryAxis(HOSTILE, 28)),
    ]
    for drawing in drawings:
        check_drawing(drawing.svg)
        assert "<script" not in drawing.svg


def test_the_swimmer_tells_dose_without_colour_and_counts_in_words() -> None:
    drawing = swimmer(frame("s", "Swimmer"), lanes(), DOSES, 168)
    words = words_of(drawing)
    assert {"300", "400", "held", "400 mg/day"} <= set(words)
    heights = {DOSES.share(level) for level in DOSES.levels}
    assert len(heights) == 4
    assert "25 participants over 24 weeks" in drawing.alt
    assert any("Neutropenia, grade 3" in tip for tip in tips_of(drawing))


def test_the_waterfall_falls_and_says_how_many_crossed_the_line() -> None:
    words = WaterfallWords("AEC, %", lines=(Tick(-50, "half"),))
    drawing = waterfall(frame("w", "W"), [Change("A", "x", -60), Change("B", "x", 20), Change("C", "x", -50)], words)
    assert [w for w in words_of(drawing) if w in "ABC"] == ["B", "C", "A"]
    assert "2 at or below half" in drawing.alt


def test_the_forest_prints_every_number_it_draws() -> None:
    rows = [ForestRow("HES", "5/12", 5 / 12, 0.15, 0.72), ForestRow("none", "0/0"), ForestRow("Heading")]
    words = words_of(forest(frame("f", "F"), rows, ForestAxis("Response, %", 0, 1, percent=True)))
    assert {"5/12", "42% (15 to 72)", "not estimable"} <= set(words)


def test_the_curve_prints_the_numbers_at_risk_of_its_data() -> None:
    curve = kaplan_meier(TIMES, [True] * 15 + [False] * 10)
    ticks = tuple(Tick(day, str(day)) for day in (0, 28, 56, 84))
    words = words_of(kaplan_meier_figure(frame("k", "K"), [("", curve)], TimeAxis("Days", 91, ticks), "Free, %"))
    start = words.index("Number at risk") + 2
    assert words[start : start + 4] == [str(sum(t >= day for t in TIMES)) for day in (0, 28, 56, 84)]


def test_the_flow_prints_every_count_and_reason() -> None:
    box = FlowBox("Not enrolled", 6, (("Pregnancy", 1), ("A reason long enough to need a second line of words", 5)))
    text = " ".join(words_of(flow_diagram(frame("f", "F"), Flow((FlowStep(FlowBox("Screened", 31), box),)))))
    assert "Screened (n\u00a0=\u00a031)" in text and "Pregnancy (n\u00a0=\u00a01)" in text and "(n\u00a0=\u00a05)" in text


def test_the_timeline_marks_what_cannot_be_read_as_response_and_links_a_decision() -> None:
    course = Course("AEC", (Reading(1, 9.0), Reading(8, 4.0, False, "on steroid", "#entry-8")), (), (DoseSpan(1, 7, 100),), 28)
    drawing = timeline(frame("t", "T"), course, DOSES)
    assert "not assessable (steroid)" in words_of(drawing)
    assert 'href="#entry-8"' in drawing.svg and "on steroid" in tips_of(drawing)


def test_figures_of_nobody_are_drawn_and_say_so() -> None:
    assert "0 participants" in swimmer(frame("s", "S"), [], DOSES, 84).alt
    assert "no participant" in waterfall(frame("w", "W"), [], WaterfallWords("AEC, %")).alt
    check_drawing(trajectories(frame("t", "T"), [], TrajectoryAxis("AEC", 84)).svg)
    check_drawing(timeline(frame("c", "C"), Course("AEC", (), (), (), 84), DOSES).svg)


def test_dose_colours_darken_and_their_numbers_keep_contrast() -> None:
    for levels in range(1, 6):
        colours = dose_colours(levels)
        assert len(set(colours)) == levels
        darkness = [int(c[1:3], 16) + int(c[3:5], 16) + int(c[5:7], 16) for c in colours]
        assert darkness == sorted(darkness, reverse=True)
        assert all(contrast(ink_on(c), c) >= 4.5 for c in colours)


def contrast(one: str, two: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@given(st.floats(0.001, 1e4), st.floats(1.5, 1e4), st.floats(0, 1))
@settings(max_examples=60)
def test_scales_keep_order_and_stay_on_their_axis(low: float, factor: float, share: float) -> None:
    for log in (False, True):
        scale = Scale(low, low * factor, 50, 650, log)
        value = low + (low * factor - low) * share
        assert 50 - 1e-6 <= scale.px(value) <= 650 + 1e-6
        assert scale.px(low) == pytest.approx(50) and scale.px(low * factor * 2) == pytest.approx(650)


@given(st.floats(-1e3, 1e3), st.floats(0.1, 1e4))
@settings(max_examples=60)
def test_ticks_are_round_few_and_inside(low: float, span: float) -> None:
    ticks = round_ticks(low, low + span)
    assert 2 <= len(ticks) <= 14
    assert all(low - span * 1e-6 <= t.value <= low + span * (1 + 1e-6) for t in ticks)
    assert len({t.label for t in ticks}) == len(ticks)


def test_week_and_log_ticks_say_what_stands_there() -> None:
    assert [t.label for t in week_ticks(84)] == [str(w) for w in range(13)]
    assert [t.value for t in log_ticks(0.1, 20)] == pytest.approx([0.1, 0.2, 0.5, 1, 2, 5, 10, 20])
    assert [t.label for t in week_ticks(730)][-1] == "104"
