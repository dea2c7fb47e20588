"""Who took part: the flow of participants, the analysis sets and what they were like at baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from statistics import median

from trialwright.analysis import Evidence
from trialwright.datasets.followed import Followed
from trialwright.datasets.participants import baseline_point
from trialwright.datasets.plan import NotCarriedOut
from trialwright.datasets.populations import population
from trialwright.engine.readings import Point
from trialwright.protocol.expressions import Kind
from trialwright.report.document import (
    Align,
    Block,
    Column,
    Figure,
    Number,
    Row,
    Section,
    Table,
    group_row,
    paragraph,
    row,
)
from trialwright.report.figures.flow import Flow, FlowBox, FlowStep, flow_diagram
from trialwright.report.trial_report.material import Material, capital, entry_list, per_cent, rows_of

COMPLETE = "course complete"
_COURSE = ("Participant", "Site", "Eligibility", "Enrolled", "First dose", "Treatment stopped", "Follow-up ended", "Log entries")


def participants(material: Material) -> Section:
    """The section on participants."""
    blocks: list[Block] = [_flow(material), _sets(material)]
    if material.enrolled:
        blocks.append(_baseline(material))
    return Section("participants", "Participants", tuple(blocks))


def _flow(material: Material) -> Figure:
    steps = tuple(_steps(material))
    drawing = flow_diagram(material.frame("flow", "Flow of participants"), Flow(steps))
    behind = material.book.keep("behind-course", "Course of every candidate and participant", _course(material))
    rows = [line for step in steps for line in _flow_rows(step, behind)]
    data = Table("flow-data", ("Flow of participants.",), (Column("Step"), Column("n", align=Align.RIGHT)), tuple(rows))
    caption = f"Flow of {material.people_word}, from screening to the analysis."
    return Figure("flow", drawing.svg, drawing.alt, (caption,), data)


def _flow_rows(step: FlowStep, behind: str) -> Iterator[Row]:
    yield row(step.box.heading, Number(str(step.box.n), behind))
    if step.leaving is not None:
        yield row(step.leaving.heading, Number(str(step.leaving.n), behind), indent=1)
        for reason, count in step.leaving.reasons:
            yield row(reason, str(count), indent=2)


def _steps(material: Material) -> Iterator[FlowStep]:
    everyone, enrolled, treated = material.everyone, material.enrolled, material.treated
    out = [_why_not(one) for one in everyone if one.person.enrolled is None]
    yield FlowStep(FlowBox("Screened", len(everyone)), _leaving("Not enrolled", out))
    yield FlowStep(
        FlowBox("Enrolled", len(enrolled)), _leaving("No dose taken", ["" for _ in range(len(enrolled) - len(treated))])
    )
    early = [one.person.stopped.reason for one in treated if one.person.stopped and one.person.stopped.reason != COMPLETE]
    yield FlowStep(FlowBox("Started treatment", len(treated)), _leaving("Stopped treatment early", early))
    done = [one for one in treated if one.person.stopped and one.person.stopped.reason == COMPLETE]
    on_drug = len(treated) - len(done) - len(early)
    yield FlowStep(FlowBox("Completed the course", len(done)), _leaving("Still on treatment", ["" for _ in range(on_drug)]))
    primary = material.primary()
    name = primary.result.population.split(" (")[0] if primary else "treated set"
    yield FlowStep(FlowBox(f"Analysed: {name[:1].lower()}{name[1:]}", primary.result.n if primary else len(treated)))


def _leaving(heading: str, reasons: list[str]) -> FlowBox | None:
    if not reasons:
        return None
    counted = Counter(reason for reason in reasons if reason)
    return FlowBox(heading, len(reasons), tuple((capital(reason), count) for reason, count in counted.most_common()))


def _why_not(one: Followed) -> str:
    screened = [decision.summary for decision in one.person.decisions if decision.kind == "eligibility"]
    if not screened:
        return "never screened"
    return {"eligible": "eligible, not enrolled", "open": "eligibility left open"}.get(screened[-1], screened[-1])


def _course(material: Material) -> Evidence:
    return rows_of(_COURSE, (_course_row(one) for one in material.everyone))


def _course_row(one: Followed) -> tuple[str, ...]:
    person = one.person
    screened = [decision for decision in person.decisions if decision.kind == "eligibility"]
    endings = (person.enrolled, person.stopped, person.ended)
    entries = [ending.entry for ending in endings if ending] + [decision.entry for decision in screened[-1:]]
    stopped = f"{person.stopped.on}: {person.stopped.reason}" if person.stopped else ""
    ended = f"{person.ended.on}: {person.ended.reason}" if person.ended else ""
    return (
        one.id,
        person.site,
        screened[-1].summary if screened else "",
        str(person.enrolled.on) if person.enrolled else "",
        str(person.first_dose_on or ""),
        stopped,
        ended,
        entry_list(entries),
    )


def _sets(material: Material) -> Block:
    words: list[str | Number] = ["Analysis sets: "]
    for index, (name, declared) in enumerate(material.protocol.file.populations.items()):
        try:
            members = population(material.protocol, name, material.everyone).members
        except NotCarriedOut:
            continue
        evidence = rows_of(("Participant", "Log entries"), ((one.id, entry_list(_entered(one))) for one in members))
        behind = material.book.keep(f"behind-set-{index}", declared.label, evidence, capital(f"{declared.text}."))
        words += ["; " if len(words) > 1 else "", f"{declared.label[:1].lower()}{declared.label[1:]} ({declared.text}) "]
        words.append(Number(f"n = {len(members)}", behind))
    return paragraph(*words, ".")


def _entered(one: Followed) -> Iterable[int]:
    person = one.person
    taken = (fact.entry for fact in person.administered if fact.on == person.first_dose_on)
    return ([person.enrolled.entry] if person.enrolled else []) + list(taken)


def _baseline(material: Material) -> Table:
    people = material.enrolled
    rows: list[Row] = []
    for index, variable in enumerate(_described(material)):
        points = [(one, baseline_point(one, variable)) for one in people]
        known = [(one, point) for one, point in points if point is not None]
        if known:
            rows += _variable_rows(material, variable, known, f"behind-baseline-{index}")
    columns: tuple[Column, ...] = (Column("Characteristic"), Column(f"All (n = {len(people)})", align=Align.RIGHT))
    if any(line.cells[-1] != ("",) for line in rows if not line.group):
        columns = (*columns, Column("Not known", align=Align.RIGHT))
    else:
        rows = [line if line.group else Row(line.cells[:-1], line.indent) for line in rows]
    notes = (("Median (range) or number (per cent). Baseline is the last value up to the day of the first dose.",),)
    return Table(
        "baseline", (f"Baseline of the {len(people)} {material.people_word} who were enrolled.",), columns, tuple(rows), notes
    )


def _described(material: Material) -> tuple[str, ...]:
    """Variables that are seen before treatment: those that the first epoch's visits collect, and what is derived from them."""
    epochs = material.protocol.scope.epochs
    first = [one for one in material.protocol.encounters if epochs and one.epoch == epochs[0]]
    seen = frozenset[str]().union(*(material.protocol.collected_at(one) for one in first)) if first else frozenset[str]()
    return tuple(
        name
        for name in material.protocol.file.variables
        if name in material.protocol.scope.variables and (not seen or name in seen)
    )


def _variable_rows(material: Material, variable: str, known: list[tuple[Followed, Point]], behind_id: str) -> Iterator[Row]:
    kind = material.protocol.scope.variables[variable]
    label, unit = capital(material.protocol.label(variable)), material.unit_words(variable)
    evidence = rows_of(
        ("Participant", label, "Date", "Log entries"),
        ((one.id, point.display, str(point.on), entry_list(point.entries)) for one, point in known),
    )
    behind = material.book.keep(behind_id, f"{label} at baseline", evidence)
    missing = len(material.enrolled) - len(known)
    if kind.kind in (Kind.QUANTITY, Kind.DURATION):
        numbers = [float(point.values.data) for _, point in known]
        said = f"{median(numbers):.4g} ({min(numbers):.4g} to {max(numbers):.4g})"
        yield row(f"{label}, {unit}" if unit else label, Number(said, behind), str(missing or ""))
        return
    yield group_row(label)
    for name, count in _counted(material, variable, known):
        yield row(name, Number(per_cent(count, len(material.enrolled)), behind), "", indent=1)
    if missing:
        yield row("not known", str(missing), str(missing), indent=1)


def _counted(material: Material, variable: str, known: list[tuple[Followed, Point]]) -> Iterator[tuple[str, int]]:
    kind = material.protocol.scope.variables[variable]
    if kind.kind is Kind.SET:
        for index, code in enumerate(kind.codes):
            count = sum(1 for _, point in known if bool(point.values.data[index]))
            if count:
                yield code_label(material, variable, code), count
        none = sum(1 for _, point in known if not point.values.data.any())
        if none:
            yield "None", none
        return
    counts = Counter(point.display for _, point in known)
    order = [code for code in (kind.codes or ("yes", "no")) if counts[code]]
    for code in (*order, *(code for code in counts if code not in order)):
        yield code_label(material, variable, code), counts[code]


def code_label(material: Material, variable: str, code: str) -> str:
    """What a code of a variable is called in the file."""
    codes = material.protocol.file.codes.get(material.protocol.file.variables[variable].codes or "", {})
    return codes[code].label if code in codes else capital(code)
