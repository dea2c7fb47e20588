"""How the trial was conducted: visits, deviations, interim looks, and recorded decisions that rest on data changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trialwright.datasets.decided import decision_rows
from trialwright.datasets.followed import Followed
from trialwright.datasets.visits import DeviationRow, deviation_rows, encounter_rows
from trialwright.engine.state import Changed, changed_decisions
from trialwright.report.document import Align, Block, Column, Number, Row, Section, Table, paragraph, row
from trialwright.report.trial_report.looks import interim_looks
from trialwright.report.trial_report.material import Material, capital, entry_list, rows_of


def conduct(material: Material) -> Section:
    """The section on conduct."""
    blocks: list[Block] = [_visits(material)]
    deviations = [one for person in material.everyone for one in deviation_rows(person)]
    blocks.append(_deviations(material, deviations) if deviations else paragraph("No deviation from the protocol was noted."))
    return Section("conduct", "Conduct", tuple(blocks), (interim_looks(material), _changed(material)))


def _visits(material: Material) -> Block:
    rows = [row for one in material.enrolled for row in encounter_rows(one)]
    counts = Counter(one.status for one in rows if one.planned_on is not None)
    outside = [one for one in rows if one.days_outside]
    unplanned = sum(1 for one in rows if one.planned_on is None and one.held_on is not None)
    evidence = rows_of(
        ("Participant", "Visit", "Window", "Held", "Log entries"),
        (
            (
                one.participant,
                f"{one.label} {one.occurrence}",
                f"{one.earliest_on} to {one.latest_on}",
                str(one.held_on),
                entry_list(one.entries),
            )
            for one in outside
        ),
    )
    behind = material.book.keep("behind-visits", "Visits outside their window", evidence)
    late = counts.get("overdue", 0)
    return paragraph(
        f"Of the planned visits, {counts.get('done', 0)} were held and {counts.get('missed', 0)} recorded as missed"
        f"{f'; of {late} nothing is recorded' if late else ''}. ",
        Number(f"{len(outside)} were held outside their window", behind),
        f". Visits outside the plan: {unplanned}.",
    )


def _deviations(material: Material, found: list[DeviationRow]) -> Table:
    evidence = rows_of(
        ("Participant", "Deviation", "Date", "Detail", "Log entries"),
        ((one.participant, one.deviation, str(one.on), one.detail, entry_list(one.entries)) for one in found),
    )
    behind = material.book.keep("behind-deviations", "Deviations", evidence)
    counts = Counter(one.deviation for one in found)
    people = {kind: len({one.participant for one in found if one.deviation == kind}) for kind in counts}
    rows = tuple(row(capital(kind), Number(str(count), behind), str(people[kind])) for kind, count in counts.most_common())
    columns = (Column("Deviation"), Column("Times", align=Align.RIGHT), Column("Participants", align=Align.RIGHT))
    return Table("deviations", ("Deviations from the protocol, as recorded.",), columns, rows)


def _changed(material: Material) -> Section:
    rows = [line for one in material.everyone for line in _changed_rows(material, one)]
    if not rows:
        text = "No recorded decision rests on data that changed since."
        return Section("changed", "Decisions that rest on data changed since", (paragraph(text),))
    columns = (Column("Participant"), Column("Decision"), Column("Date"), Column("What changed"), Column("Log entries"))
    intro = paragraph(
        "The log keeps each decision as it was made. The analysis reads the data as they are now: responses of these "
        "participants were assessed anew by the engine."
    )
    caption = "Recorded decisions that rest on values corrected afterwards."
    return Section(
        "changed",
        "Decisions that rest on data changed since",
        (intro, Table("changed-decisions", (caption,), columns, tuple(rows))),
    )


def _changed_rows(material: Material, one: Followed) -> Iterator[Row]:
    words = {line.entries[0]: line for line in decision_rows(one)}
    for changed in changed_decisions(one.person):
        decision = changed.decision
        said = words[decision.entry]
        entries = entry_list((decision.entry, *changed.corrections))
        yield row(
            one.id, f"{capital(said.kind)}: {said.decided}", str(decision.on), _what_changed(material, one, changed), entries
        )


def _what_changed(material: Material, one: Followed, changed: Changed) -> str:
    person, found = one.person, []
    for entry in changed.decision.references:
        correction = person.corrected.get(entry)
        if correction is None or correction <= changed.decision.entry:
            continue
        variable = person.variable_of_entry[entry]
        seen = next(it for it in person.observations[variable] if it.entry == entry)
        before = seen.earlier[0] if seen.earlier else ""
        found.append(f"{material.protocol.label(variable)} {before} → {'taken back' if seen.value is None else seen.value}")
    return "; ".join(found)
