"""Adverse events that began under treatment, by worst grade per participant; a person counts once per term."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from trialwright.analysis.cohort import Carried, Cohort, Evidence, assumption_note, entries_text
from trialwright.analysis.result import Result, ResultColumn, ResultTable, TableCell
from trialwright.datasets.followed import Followed
from trialwright.datasets.plan import deadline
from trialwright.datasets.safety import AdverseEventRow, adverse_event_rows

GRADES = (1, 2, 3, 4, 5)
SEVERE = 3
COLUMNS = ("Participant", "Term", "Onset, day", "Worst grade", "Serious", "Related", "Log entries")
_Picked = Callable[[AdverseEventRow], bool]
_SUMMARIES: tuple[tuple[str, str, _Picked], ...] = (
    ("", "Participants with any adverse event", lambda row: row.worst_grade >= min(GRADES)),
    ("grade_3", "Participants with an adverse event of grade 3 or more", lambda row: row.worst_grade >= SEVERE),
    ("serious", "Participants with a serious adverse event", lambda row: row.serious),
    ("related", "Participants with a related adverse event", lambda row: row.related),
)


@dataclass(frozen=True, slots=True)
class _Counted:
    """One term over all participants: each counts with the worst of their events of that term."""

    term: str
    worst: dict[str, int]
    serious: frozenset[str]
    related: frozenset[str]

    def cells(self) -> tuple[TableCell, ...]:
        """Term, any grade, each grade, grade 3 or more, serious, related."""
        grades = list(self.worst.values())
        severe = sum(1 for grade in grades if grade >= SEVERE)
        by_grade = (grades.count(grade) for grade in GRADES)
        return (self.term, len(grades), *by_grade, severe, len(self.serious), len(self.related))


def adverse_events(cohort: Cohort, endpoint_id: str) -> Iterator[Carried]:
    """Participants with any event, with a severe, a serious, a related one; the first carries the table by term."""
    endpoint = cohort.endpoint(endpoint_id)
    members = cohort.population(endpoint).members
    rows = [row for one in members for row in _counted_rows(one, endpoint.by)]
    declared = cohort.protocol.file.adverse_events
    grading = f"{declared.grading} {declared.version}" if declared else "the grades as reported"
    outside = sum(len(adverse_event_rows(one)) for one in members) - len(rows)
    before = (f"{outside} further events lie outside the period and are not counted.",) if outside else ()
    blank = Result(
        id=endpoint_id,
        title=endpoint.label,
        estimate=None,
        unit="1",
        method="participants by the worst grade of each term, each counted once",
        source=grading,
        population=cohort.population_words(endpoint),
        n=len(members),
        head=cohort.head,
        simulated=cohort.simulated,
        participants=tuple(one.id for one in members),
        notes=(
            f"Events that began on or after the first dose{f', up to {endpoint.by}' if endpoint.by else ''}.",
            *before,
            *assumption_note("adverse events", declared),
            *assumption_note(endpoint.label, endpoint),
        ),
    )
    for suffix, title, picked in _SUMMARIES:
        yield _summary(blank, suffix, title, [row for row in rows if picked(row)], _table(rows))


def _counted_rows(one: Followed, by: str | None) -> list[AdverseEventRow]:
    last = deadline(by, one)
    return [row for row in adverse_event_rows(one) if row.on_treatment and (last is None or row.on <= last)]


def _summary(blank: Result, suffix: str, title: str, rows: Sequence[AdverseEventRow], table: ResultTable) -> Carried:
    people = {row.participant for row in rows}
    result = replace(
        blank,
        id=f"{blank.id}.{suffix}" if suffix else blank.id,
        title=title,
        estimate=len(people) / blank.n if blank.n else None,
        numerator=len(people),
        table=None if suffix else table,
        notes=() if suffix else blank.notes,
    )
    return Carried(result, Evidence(COLUMNS, tuple(_line(row) for row in rows)))


def _line(row: AdverseEventRow) -> tuple[str, ...]:
    yes = ("yes" if row.serious else "no", "yes" if row.related else "no")
    return row.participant, row.term, str(row.day), str(row.worst_grade), *yes, entries_text(row.entries)


def _table(rows: Sequence[AdverseEventRow]) -> ResultTable:
    columns = (
        ResultColumn("term", "Term"),
        ResultColumn("any", "Any grade"),
        *(ResultColumn(f"grade_{grade}", f"Grade {grade}") for grade in GRADES),
        ResultColumn("severe", "Grade ≥ 3"),
        ResultColumn("serious", "Serious"),
        ResultColumn("related", "Related"),
    )
    terms = [_count(term, [row for row in rows if row.term == term]) for term in dict.fromkeys(row.term for row in rows)]
    ordered = sorted(terms, key=lambda one: (-len(one.worst), -max(one.worst.values()), one.term))
    whole = [_count("Any adverse event", rows)] if rows else []
    return ResultTable(columns, tuple(one.cells() for one in (*whole, *ordered)))


def _count(term: str, rows: Sequence[AdverseEventRow]) -> _Counted:
    worst: dict[str, int] = {}
    for row in rows:
        worst[row.participant] = max(worst.get(row.participant, 0), row.worst_grade)
    serious = frozenset(row.participant for row in rows if row.serious)
    related = frozenset(row.participant for row in rows if row.related)
    return _Counted(term, worst, serious, related)
