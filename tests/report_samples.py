"""Made-up, labelled figures and a document with every kind of block; nothing here comes from a trial or a rehearsal."""

import math

from trialwright.analysis.estimators.competing import aalen_johansen
from trialwright.analysis.estimators.proportion import proportion
from trialwright.analysis.estimators.survival import kaplan_meier
from trialwright.report.document import (
    Align,
    Behind,
    BulletList,
    Callout,
    CalloutKind,
    Code,
    CodeSpan,
    Column,
    Document,
    Emphasis,
    Figure,
    FindingList,
    KeyValueTable,
    Link,
    Number,
    PageBreak,
    Reference,
    Section,
    Strong,
    Table,
    group_row,
    paragraph,
    row,
)
from trialwright.report.figures.axes import Tick
from trialwright.report.figures.canvas import Drawing, Frame
from trialwright.report.figures.flow import Flow, FlowBox, FlowStep, flow_diagram
from trialwright.report.figures.forest import ForestAxis, ForestRow, forest
from trialwright.report.figures.swimmer import DoseScale, DoseSpan, Happening, Lane, LaneMark, Span, swimmer
from trialwright.report.figures.time_to_event import TimeAxis, incidence_figure, kaplan_meier_figure
from trialwright.report.figures.timeline import Course, GradedEvent, Reading, Threshold, timeline
from trialwright.report.figures.trajectories import Trajectory, TrajectoryAxis, trajectories
from trialwright.report.figures.waterfall import Change, WaterfallWords, waterfall
from trialwright.vocabulary.findings import Finding, Place, Severity

DOSES = DoseScale((100, 200, 300, 400), "mg/day")
GROUPS = ("HES", "CEL", "CIH")


def frame(name: str, title: str) -> Frame:
    return Frame(name, title, "SIMULATED")


def lanes() -> list[Lane]:
    made = []
    for i in range(25):
        steps = [DoseSpan(1 + 7 * k, 7 + 7 * k, 100.0 * (k + 1)) for k in range(i % 4)]
        start = 7 * (i % 4) + 1
        held = DoseSpan(start, start + 6, None)
        steps += (
            [held, DoseSpan(start + 7, 84, 100.0 * max(i % 4, 1))]
            if i % 6 == 2
            else [DoseSpan(start, 84 if i != 7 else 40, 100.0 * (i % 4 + 1))]
        )
        end = steps[-1].last_day
        marks = [LaneMark(end, Happening.STOP)]
        if i % 3:
            marks.append(LaneMark(10 + 2 * i, Happening.RESPONSE))
        if i % 6 == 2:
            marks.append(LaneMark(start - 1, Happening.SEVERE_EVENT, "Neutropenia, grade 3"))
        if i % 8 == 4:
            marks.append(LaneMark(112, Happening.RELAPSE))
        medication = (Span(5, 19, "prednisone 20 mg/day"),) if i % 5 == 0 else ()
        ongoing = i % 7 != 0
        made.append(Lane(f"P-{i + 1:02}", GROUPS[i % 3], tuple(steps), tuple(marks), 730 if ongoing else end + 30,
                         medication, ongoing))  # fmt: skip
    return made


def swimmer_sample() -> Drawing:
    return swimmer(frame("swimmer", "Doses and events by participant"), lanes(), DOSES, 168)


def waterfall_sample() -> Drawing:
    changes = [Change(f"P-{i + 1:02}", GROUPS[i % 3], -100 + (i * 37) % 130, i % 4 == 0) for i in range(24)]
    changes.append(Change("P-25", "CIH", 140.0))
    words = WaterfallWords(
        "Best change in AEC, %", "FIP1L1-PDGFRA positive", "negative", (Tick(-50, "partial response (−50 %)"),)
    )
    return waterfall(frame("waterfall", "Best change in eosinophils"), changes, words)


def forest_sample() -> Drawing:
    counts = [("HES", 5, 12), ("CEL", 6, 8), ("CIH", 1, 5), ("F/P positive", 6, 7), ("F/P negative", 6, 18)]
    rows = [ForestRow("Diagnosis")]
    for label, x, n in counts:
        if label == "F/P positive":
            rows.append(ForestRow("FIP1L1-PDGFRA"))
        found = proportion(x, n)
        rows.append(ForestRow(label, f"{x}/{n}", x / n, float(found.low), float(found.high), indent=1))
    everyone = proportion(12, 25)
    rows.append(ForestRow("All", "12/25", 0.48, float(everyone.low), float(everyone.high), summary=True))
    axis = ForestAxis("Complete haematological response by week 12, %", 0, 1, reference=0.48, percent=True)
    return forest(frame("forest", "Response by diagnosis"), rows, axis)


def odds_sample() -> Drawing:
    rows = [ForestRow("F/P", "6/7 v 6/18", 12.0, 1.1, math.inf), ForestRow("Sex", "8/15 v 4/10", 1.7, 0.3, 9.9),
            ForestRow("Empty", "0/0")]  # fmt: skip
    axis = ForestAxis("Odds ratio (log scale)", 0.1, 100, "n/N", "OR (95% CI)",
                      (Tick(0.1, "0.1"), Tick(1, "1"), Tick(10, "10"), Tick(100, "100")), True, 1.0)  # fmt: skip
    return forest(frame("odds", "Odds ratios"), rows, axis)


TIMES = [4, 8, 9, 11, 13, 13, 15, 20, 22, 29, 36, 43, 50, 57, 64, 84, 84, 84, 84, 84, 84, 84, 30, 45, 84]
SEEN = [True] * 15 + [False] * 10


def kaplan_meier_sample() -> Drawing:
    curve = kaplan_meier(TIMES, SEEN)
    return kaplan_meier_figure(
        frame("km", "Time to response"), [("", curve)], TimeAxis("Days from first dose", 91, tuple(
            Tick(d, str(d)) for d in range(0, 92, 7))), "Complete response, %", rising=True
    )  # fmt: skip


def two_curves_sample() -> Drawing:
    a, b = kaplan_meier(TIMES[:12], SEEN[:12]), kaplan_meier(TIMES[8:], SEEN[8:])
    return kaplan_meier_figure(
        frame("km-two", "Time without relapse"), [("F/P positive", a), ("F/P negative", b)],
        TimeAxis("Days from treatment stop", 90), "Without relapse, %",
    )  # fmt: skip


def incidence_sample() -> Drawing:
    kinds = [1, 1, 2, 1, 1, 0, 3, 1, 2, 1, 0, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0]
    curves = aalen_johansen(TIMES, kinds)
    names = ("Relapse", "Other therapy", "Death")
    return incidence_figure(
        frame("incidence", "Relapse and competing events"), list(zip(names, curves, strict=True)),
        TimeAxis("Days from treatment stop", 90), "Cumulative incidence, %",
    )  # fmt: skip


def flow_sample() -> Drawing:
    flow = Flow((
        FlowStep(FlowBox("Screened", 31), FlowBox("Not enrolled", 6, (
            ("Pregnancy", 1), ("Secondary cause of eosinophilia (parasites, drug, allergy)", 3), ("Consent not given", 2)))),
        FlowStep(FlowBox("Enrolled", 25)),
        FlowStep(FlowBox("Started treatment", 25), FlowBox("Stopped before week 12", 3, (
            ("Adverse event", 2), ("Withdrew consent", 1)))),
        FlowStep(FlowBox("Completed 12 weeks", 22), FlowBox("Lost to follow-up", 1)),
        FlowStep(FlowBox("Analysed: treated set", 25)),
    ))  # fmt: skip
    return flow_diagram(frame("flow", "Participant flow"), flow)


def arms_sample() -> Drawing:
    spine = (FlowStep(FlowBox("Assessed for eligibility", 80), FlowBox("Excluded", 20)), FlowStep(FlowBox("Randomised", 60)))
    arm = (FlowStep(FlowBox("Allocated to drug", 30), FlowBox("Lost to follow-up", 2)), FlowStep(FlowBox("Analysed", 30)))
    return flow_diagram(frame("arms", "Participant flow by arm"), Flow(spine, (arm, arm)))


def timeline_sample() -> Drawing:
    aec = [(-7, 11.2), (1, 12.0), (8, 7.1), (15, 3.9), (22, 1.9), (29, 0.9), (36, 0.45), (43, 0.3), (50, 0.22),
           (57, 0.31), (64, 0.27), (71, 0.2), (78, 0.25), (85, 0.24), (98, 0.6), (112, 2.2)]  # fmt: skip
    course = Course(
        "AEC, ×10⁹/L",
        tuple(Reading(day, value, day not in (8, 15), href="#swimmer" if day == 22 else "") for day, value in aec),
        (Threshold(0.5, "complete response: 0.5"), Threshold(6.0, "half of baseline: 6.0")),
        (DoseSpan(1, 7, 100), DoseSpan(8, 21, 200), DoseSpan(22, 42, 300), DoseSpan(43, 56, None), DoseSpan(57, 84, 300)),
        126,
        (Span(3, 12, "prednisone 20 mg/day"),),
        (GradedEvent(10, 18, 1, "Periorbital oedema"), GradedEvent(43, 56, 3, "Neutropenia"), GradedEvent(40, 47, 2, "Rash")),
        (-7, 1, 4, 8, 15, 22, 29, 36, 43, 50, 57, 64, 71, 78, 85, 98, 112),
        (LaneMark(36, Happening.RESPONSE), LaneMark(84, Happening.STOP), LaneMark(112, Happening.RELAPSE)),
    )  # fmt: skip
    return timeline(frame("timeline", "Participant P-07"), course, DOSES)


def trajectories_sample() -> Drawing:
    lines = [
        Trajectory(f"P-{i + 1:02}", GROUPS[i % 3],
                   tuple((1 + 7 * w, max((4 + i) * math.exp(-0.02 * (i % 5) * 7 * w) * (1 + 0.1 * math.sin(i + w)), 0.05))
                         for w in range(13)))
        for i in range(25)
    ]  # fmt: skip
    axis = TrajectoryAxis("AEC, ×10⁹/L", 91, (Threshold(0.5, "complete response: 0.5"),), tuple(range(1, 86, 7)))
    return trajectories(frame("trajectories", "Eosinophils over time"), lines, axis)


FIGURES = {
    "swimmer": swimmer_sample,
    "waterfall": waterfall_sample,
    "forest": forest_sample,
    "odds": odds_sample,
    "km": kaplan_meier_sample,
    "km-two": two_curves_sample,
    "incidence": incidence_sample,
    "flow": flow_sample,
    "arms": arms_sample,
    "timeline": timeline_sample,
    "trajectories": trajectories_sample,
}


def document() -> Document:
    """Every kind of block, every figure, hostile words; all of it made up."""
    drawn = [
        Figure(name, (sample := make()).svg, sample.alt, (f"{name.capitalize()}, from made-up data.",), _data(name))
        for name, make in FIGURES.items()
    ]
    response = Table(
        "response-table",
        ("Complete haematological response by week 12, treated set. ", Emphasis("Made-up numbers.")),
        (Column("Definition"), Column("n/N", align=Align.RIGHT), Column("Rate", "%", Align.RIGHT),
         Column("95 % interval", "%", Align.RIGHT), Column("Method", align=Align.LEFT)),
        (
            group_row("At most 0.5 ×10⁹/L"),
            row("Confirmed", Number("12/25", "behind-response"), "48", "28 to 69", "Clopper–Pearson", indent=1),
            row("Unconfirmed", "14/25", "56", "35 to 76", "Clopper–Pearson", indent=1),
            group_row("At most 1.5 ×10⁹/L with symptoms absent or improved"),
            row("Confirmed", "15/25", "60", "39 to 79", "Clopper–Pearson", indent=1),
        ),
        (("Doses already given were driven by the definition in the file.",),),
    )  # fmt: skip
    long = Table(
        "long-table",
        ("Adverse events by worst grade per participant.",),
        (Column("Term"), *(Column(g, align=Align.RIGHT) for g in ("1", "2", "3", "4", "Any", "Serious"))),
        tuple(row(f"Event {i} <b>&amp;", *("3", "1", "0", "0", "4", "0")) for i in range(60)),
    )
    finding = Finding(
        "TW-P014", Severity.ERROR, Place("protocol.yaml", 61, 9), "Age 15 is neither included nor excluded",
        "inclusion I2 wants age > 15 years; exclusion E2 wants age < 15 years.", ("inclusion age >= 15 years",),
        "aged exactly 15 in completed years", (), "asked the sponsor #x *y* <z>",
    )  # fmt: skip
    warning = Finding("TW-P001", Severity.WARNING, Place("protocol.yaml", 3), "25 has no stated justification")
    return Document(
        title="A made-up report <script>alert(1)</script> #panic() $x$ *bold*",
        subtitle="Every kind of block, in one place",
        watermark="SIMULATED",
        watermark_reason="No participant in this report exists.",
        metadata=(("Protocol digest", (CodeSpan("sha256:" + "ab" * 32),)), ("Log head", (CodeSpan("cd" * 32),)),
                  ("How to verify", (CodeSpan("trialwright log verify trial.jsonl"),))),
        sections=(
            Section("synopsis", "Synopsis", (
                Callout(CalloutKind.SIMULATED, "Simulated participants", (paragraph("Nobody here exists."),)),
                paragraph("Of 25 simulated participants, ", Number("12 (48 %)", "behind-response"), " had a complete response (",
                          Reference("response-table"), ", ", Reference("forest"), "). ", Strong("Bold"), " and ",
                          Link("a paper", "https://pubmed.ncbi.nlm.nih.gov/19735261/"), " and ", CodeSpan("</style>#x"), "."),
                BulletList((("First point.",), ("Second point with ", Strong("weight"), ".",))),
                KeyValueTable((("Sponsor", ("A made-up group",)), ("Phase", ("2",)))),
                response,
            )),
            Section("figures", "Figures", tuple(drawn)),
            Section("safety", "Safety", (long,), (
                Section("exposure", "Exposure", (paragraph("Dose intensity was made up. " * 30),)),
                Section("deviations", "Deviations", (paragraph("None."),)),
            )),
            Section("check", "Findings of the check", (
                Callout(CalloutKind.WARNING, "Warning", (paragraph("One finding stands."),)),
                Callout(CalloutKind.NOTE, "Note", (paragraph("A note."),)),
                FindingList((finding, warning)),
                PageBreak(),
                Code("trialwright check protocol.yaml\n  TW-P014 <here> #let x = 1"),
            )),
        ),
        behind=(
            Behind("behind-response", "Response by week 12: 12 of 25", ("Participant", "Day", "AEC, ×10⁹/L", "Log entries"),
                   tuple((f"P-{i:02}", str(10 + 2 * i), f"0.{i + 10}", f"{40 + i}, {55 + i}") for i in range(12)),
                   "Participants whose best confirmed response is complete."),
        ),
    )  # fmt: skip


def _data(name: str) -> Table | None:
    if name != "forest":
        return None
    return Table("forest-data", ("Response by diagnosis.",), (Column("Group"), Column("n/N")), (row("HES", "5/12"),))
