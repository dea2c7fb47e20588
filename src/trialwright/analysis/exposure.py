"""Exposure: days on drug, dose per day, what was taken of what was prescribed, and holds. Descriptive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from statistics import fmean, median

from trialwright.analysis.cohort import Carried, Cohort, Evidence, assumption_note, entries_text, listed
from trialwright.analysis.result import Result, ResultColumn, ResultTable
from trialwright.datasets.doses import DoseRow, dose_rows
from trialwright.datasets.followed import Followed
from trialwright.datasets.plan import deadline
from trialwright.protocol.study import CompiledRegimen

COLUMNS = ("Participant", "Days on drug", "Days held", "Taken", "Highest dose", "Held by", "Log entries")


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one participant took of one intervention; amounts are doses times days."""

    participant: str
    on_drug_days: int
    held_days: int
    amount: float
    prescribed: float
    highest: float
    holds: tuple[tuple[str, int], ...]
    entries: tuple[int, ...]

    @property
    def days(self) -> int:
        """Days from first to last, holds included."""
        return self.on_drug_days + self.held_days


def exposure(cohort: Cohort, endpoint_id: str) -> Iterator[Carried]:
    """For each intervention: days on drug, dose intensity, share of what was prescribed, holds."""
    endpoint = cohort.endpoint(endpoint_id)
    members = cohort.population(endpoint).members
    for name, regimen in cohort.protocol.regimens.items():
        taken = [found for one in members if (found := _taken(one, name, endpoint.by)) is not None]
        more = len(cohort.protocol.regimens) > 1
        blank = Result(
            id=f"{endpoint_id}.{name}" if more else endpoint_id,
            title=f"{endpoint.label}: {name}" if more else endpoint.label,
            estimate=None,
            unit="",
            method="",
            source="descriptive",
            population=cohort.population_words(endpoint),
            n=len(taken),
            head=cohort.head,
            simulated=cohort.simulated,
            participants=tuple(one.participant for one in taken),
            notes=assumption_note(endpoint.label, endpoint),
        )
        evidence = Evidence(COLUMNS, tuple(_line(one, regimen) for one in taken))
        yield from (Carried(result, evidence) for result in _results(blank, taken, regimen))


def _taken(one: Followed, intervention: str, by: str | None) -> _Taken | None:
    last = deadline(by, one)
    rows = [row for row in dose_rows(one) if row.intervention == intervention and (last is None or row.from_on <= last)]
    if not rows:
        return None
    days = {row: row.days if last is None else min(row.days, (last - row.from_on).days + 1) for row in rows}
    holds = [(", ".join(row.held_by) or "not stated", days[row]) for row in _merged(rows)]
    return _Taken(
        one.id,
        sum(days[row] for row in rows if not row.held),
        sum(days[row] for row in rows if row.held),
        sum(row.dose * days[row] for row in rows),
        sum((row.prescribed or 0.0) * days[row] for row in rows),
        max(row.dose for row in rows),
        tuple(holds),
        tuple(entry for row in rows for entry in row.entries),
    )


def _merged(rows: list[DoseRow]) -> Iterator[DoseRow]:
    """The first interval of each hold: a hold that goes on over several records is one."""
    for index, row in enumerate(rows):
        if row.held and (index == 0 or not rows[index - 1].held):
            yield row


def _line(one: _Taken, regimen: CompiledRegimen) -> tuple[str, ...]:
    unit = regimen.unit_text
    held = listed(f"{rule} ({days} d)" for rule, days in one.holds)
    amount = f"{one.amount:g} {amount_unit(unit)}"
    return (
        one.participant,
        str(one.on_drug_days),
        str(one.held_days),
        amount,
        f"{one.highest:g} {unit}",
        held,
        entries_text(one.entries),
    )


def amount_unit(unit: str) -> str:
    """The unit of a dose over time: ``mg`` for ``mg/d``."""
    return unit.removesuffix("/d") if unit.endswith("/d") else f"{unit}.d"


def _results(blank: Result, taken: list[_Taken], regimen: CompiledRegimen) -> Iterator[Result]:
    if not taken:
        yield replace(blank, notes=("Nobody took a dose.", *blank.notes), method="descriptive")
        return
    days = [float(one.on_drug_days) for one in taken]
    words = f"median; range {min(days):g} to {max(days):g} d"
    yield replace(
        blank, title="Days on drug, median", estimate=median(days), unit="d", method=words, table=_per_person(taken, regimen)
    )
    intensity = [one.amount / one.days for one in taken]
    yield replace(
        blank,
        id=f"{blank.id}.dose_intensity",
        title="Dose intensity: dose per day from first to last day, holds included",
        estimate=fmean(intensity),
        unit=regimen.unit_text,
        method=f"mean over participants; range {min(intensity):.3g} to {max(intensity):.3g} {regimen.unit_text}",
        notes=(),
    )
    shares = [one.amount / one.prescribed for one in taken if one.prescribed > 0]
    if shares:
        yield replace(
            blank,
            id=f"{blank.id}.taken_of_prescribed",
            title="Taken of what was prescribed",
            estimate=fmean(shares),
            unit="1",
            method=f"mean over participants of amount taken by amount prescribed; range {min(shares):.2f} to {max(shares):.2f}",
            notes=(),
        )
    yield _holds(blank, taken)


def _per_person(taken: Iterable[_Taken], regimen: CompiledRegimen) -> ResultTable:
    unit = amount_unit(regimen.unit_text)
    columns = (
        ResultColumn("participant", "Participant"),
        ResultColumn("on_drug", "On drug", "d"),
        ResultColumn("held", "Held", "d"),
        ResultColumn("amount", "Taken", unit),
        ResultColumn("prescribed", "Prescribed", unit),
        ResultColumn("highest", "Highest dose", regimen.unit_text),
    )
    rows = ((one.participant, one.on_drug_days, one.held_days, one.amount, one.prescribed, one.highest) for one in taken)
    return ResultTable(columns, tuple(rows))


def _holds(blank: Result, taken: list[_Taken]) -> Result:
    holds = [(one.participant, rule, days) for one in taken for rule, days in one.holds]
    held = {participant for participant, _, _ in holds}
    rules = list(dict.fromkeys(rule for _, rule, _ in holds))
    columns = (
        ResultColumn("rule", "Held by"),
        ResultColumn("participants", "Participants"),
        ResultColumn("holds", "Holds"),
        ResultColumn("days", "Days in all", "d"),
    )
    rows = tuple(
        (
            rule,
            len({who for who, by, _ in holds if by == rule}),
            sum(1 for _, by, _ in holds if by == rule),
            sum(days for _, by, days in holds if by == rule),
        )
        for rule in rules
    )
    return replace(
        blank,
        id=f"{blank.id}.holds",
        title="Participants whose dose was held at least once",
        estimate=len(held) / len(taken),
        unit="1",
        numerator=len(held),
        method=f"count; {len(holds)} holds in all",
        table=ResultTable(columns, rows),
        notes=(),
    )
