"""Times to an event between arms: hazard ratio and log-rank test, or Gray's test where others compete.

A hazard ratio is one number for the whole follow-up; whether the hazards are proportional is not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from trialwright.analysis.cohort import Carried, Cohort, Evidence, entries_text
from trialwright.analysis.estimators.competing import aalen_johansen
from trialwright.analysis.estimators.cox import CoxFit, cox
from trialwright.analysis.estimators.gray import gray_test
from trialwright.analysis.estimators.log_rank import log_rank
from trialwright.analysis.estimators.risk import Floats, NotEstimable
from trialwright.analysis.estimators.survival import kaplan_meier, quantile_time
from trialwright.analysis.result import Interval, Result, ResultColumn, ResultTable, TableCell
from trialwright.datasets.followed import Followed
from trialwright.datasets.participants import baseline_point
from trialwright.datasets.plan import NotCarriedOut
from trialwright.datasets.times import COMPETING, EVENT, TimeRow, Times
from trialwright.protocol.expressions import Kind

HAZARD_RATIO, LOG_RANK, GRAY = "hazard ratio", "log-rank", "gray"
_KINDS = {EVENT: 1, COMPETING: 2}
COLUMNS = ("Participant", "Arm", "Time, days", "Outcome", "What ended it", "Log entries")
_COX_SOURCE = "Cox, JRSS B 1972;34:187; Efron, JASA 1977;72:557 (ties); Mantel 1966 (log-rank)"


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm with the rows of those in it."""

    id: str
    label: str
    rows: tuple[TimeRow, ...]

    @property
    def days(self) -> list[int]:
        """Time of each row."""
        return [row.days for row in self.rows]

    @property
    def happened(self) -> list[bool]:
        """Whether each ended with the event."""
        return [row.outcome == EVENT for row in self.rows]


@dataclass(frozen=True, slots=True)
class _Compared:
    """Rows with everything known that the comparison asks for, in the order of the arms (the last is the reference)."""

    arms: tuple[Arm, ...]
    strata: tuple[str, ...]
    numbers: Floats  # (participants, numbers adjusted for)
    layers: str
    adjusted: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def times(self) -> tuple[list[int], list[bool], list[int]]:
        """Days, events and the arm's place of everybody."""
        rows = [(row, place) for place, arm in enumerate(self.arms) for row in arm.rows]
        return [row.days for row, _ in rows], [row.outcome == EVENT for row, _ in rows], [place for _, place in rows]


def compared_hazards(cohort: Cohort, blank: Result, times: Times, level: float) -> Iterator[Carried]:
    """The hazard ratio of the first arm to the last with its interval, and p of the log-rank test of all arms.

    Variables that the endpoint is adjusted for: codes and flags make strata, in which both are computed; numbers are covariates
    of the hazard ratio alone.

    Raises:
        NotCarriedOut: It is adjusted for what has no value per participant.
    """
    data = _compared(cohort, blank.id.partition(".")[0], times)
    result = replace(
        blank,
        unit="",
        estimate=None,
        interval=None,
        n=len(data.times[0]),
        numerator=sum(data.times[1]),
        participants=tuple(row.participant for arm in data.arms for row in arm.rows),
        method="hazard ratio by Cox's model (Efron's ties) and log-rank test",
        source=_COX_SOURCE,
        notes=(*_notes(data), *blank.notes),
        table=_by_arm(data, level),
    )
    if len(data.arms) < 2:
        said = "Fewer than two arms have anybody; nothing can be compared."
        yield Carried(replace(result, notes=(said, *result.notes)), evidence_of(data.arms))
        return
    yield Carried(_hazard_ratio(result, data, level), evidence_of(data.arms))


def _hazard_ratio(blank: Result, data: _Compared, level: float) -> Result:
    days, happened, place = data.times
    strata = data.strata if any(data.strata) else None
    tested = log_rank(days, happened, place, strata=strata)
    p_value = tested.p_value if tested.degrees else None
    words = f"{data.arms[0].label} to {data.arms[-1].label}"
    within = f"; both stratified by {data.layers}" if strata else ""
    model = "by Cox's model (Efron's ties)"
    if data.adjusted:
        model += f" adjusted for {' and '.join(data.adjusted)}"
    result = replace(
        blank,
        p_value=p_value,
        method=f"hazard ratio, {words}, {model}, Wald interval at {level * 100:g} %; log-rank p{within}",
    )
    notes = result.notes if tested.degrees else ("No event could tell the arms apart.", *result.notes)
    try:
        fit = _fitted(data, level)
    except NotEstimable as error:
        return replace(result, notes=(f"The hazard ratio is not estimable: {_why(error, data)}.", *notes))
    interval = Interval(float(fit.low[0]), float(fit.high[0]), level)
    return replace(result, estimate=float(fit.hazard_ratio[0]), interval=interval, notes=notes)


def _why(error: NotEstimable, data: _Compared) -> str:
    """The reason with the covariate's name instead of its place."""
    places = (*(f"the arm {arm.label}" for arm in data.arms[:-1]), *data.adjusted)
    return re.sub(r"covariate (\d+)", lambda found: places[int(found[1]) - 1], str(error))


def _fitted(data: _Compared, level: float) -> CoxFit:
    days, happened, place = data.times
    arms = np.array([[float(one == other) for other in range(len(data.arms) - 1)] for one in place])
    return cox(days, happened, np.hstack([arms, data.numbers]), strata=data.strata if any(data.strata) else None, level=level)


def compared_incidences(cohort: Cohort, blank: Result, times: Times, level: float) -> Iterator[Carried]:
    """p of Gray's test of the arms, with the cumulative incidence of the event in each at its last day."""
    arms = arms_of(cohort, times)
    rows = [(row, place) for place, arm in enumerate(arms) for row in arm.rows]
    kinds = [_KINDS.get(row.outcome, 0) for row, _ in rows]
    tested = gray_test([row.days for row, _ in rows], kinds, [place for _, place in rows]) if len(arms) > 1 else None
    told = 1 in kinds and tested is not None
    said = () if told else ("Fewer than two arms have anybody, or nobody had the event; nothing can be compared.",)
    result = replace(
        blank,
        unit="1",
        estimate=None,
        interval=None,
        numerator=kinds.count(1),
        p_value=tested.p_value if told and tested else None,
        method="Gray's test of equal cumulative incidence in the arms",
        source="Gray, Ann Stat 1988;16:1141-54",
        table=_incidence_by_arm(arms, level),
        notes=(*said, *blank.notes),
    )
    yield Carried(result, evidence_of(arms))


def _incidence_by_arm(arms: tuple[Arm, ...], level: float) -> ResultTable:
    columns = (
        ResultColumn("arm", "Arm"),
        ResultColumn("n", "Participants"),
        ResultColumn("events", "Events"),
        ResultColumn("day", "Last day", "d"),
        ResultColumn("incidence", "Cumulative incidence", "1"),
        ResultColumn("low", "Lower bound", "1"),
        ResultColumn("high", "Upper bound", "1"),
    )
    rows: list[tuple[TableCell, ...]] = []
    for arm in arms:
        found = aalen_johansen(arm.days, [_KINDS.get(row.outcome, 0) for row in arm.rows], level)
        own = next((one for one in found if one.cause == 1), None)
        numbers = (float(own.incidence[-1]), float(own.low[-1]), float(own.high[-1])) if own else (0.0, None, None)
        rows.append((arm.label, len(arm.rows), sum(arm.happened), max(arm.days), *numbers))
    return ResultTable(columns, tuple(rows))


def arms_of(cohort: Cohort, times: Times) -> tuple[Arm, ...]:
    """Arms with anybody in them, in the file's order."""
    arm_of = {one.id: one.person.arm for one in cohort.everyone}
    made = [
        Arm(arm, one.label, tuple(row for row in times.rows if arm_of[row.participant] == arm))
        for arm, one in cohort.protocol.file.arms.items()
    ]
    return tuple(one for one in made if one.rows)


def _compared(cohort: Cohort, endpoint_id: str, times: Times) -> _Compared:
    names = cohort.endpoint(endpoint_id).adjusted_for
    readers = {name: _reader(cohort, name) for name in names}
    by_id = {one.id: one for one in cohort.everyone}
    known = {row.participant: [readers[name](by_id[row.participant]) for name in names] for row in times.rows}
    left_out = tuple(one for one, values in known.items() if None in values)
    whole = replace(times, rows=tuple(row for row in times.rows if row.participant not in left_out))
    arms = arms_of(cohort, whole)
    order = [known[row.participant] for arm in arms for row in arm.rows]
    strata = tuple(" · ".join(value for value in values if isinstance(value, str)) for values in order)
    numbers = np.array([[value for value in values if isinstance(value, float)] for values in order], dtype=np.float64)
    layers = " and ".join(cohort.protocol.label(name) for name in names if _makes_strata(cohort, name))
    adjusted = tuple(cohort.protocol.label(name) for name in names if not _makes_strata(cohort, name))
    return _Compared(arms, strata, numbers.reshape(len(order), -1), layers, adjusted, left_out)


def _makes_strata(cohort: Cohort, name: str) -> bool:
    return cohort.protocol.scope.variables[name].kind in (Kind.CODE, Kind.FLAG)


def _reader(cohort: Cohort, name: str) -> Callable[[Followed], str | float | None]:
    """How a variable's value before treatment is read: codes and flags as text, amounts as numbers."""
    kind = cohort.protocol.scope.variables[name].kind if name in cohort.protocol.scope.variables else None
    if kind in (Kind.CODE, Kind.FLAG):
        return lambda one: point.display if (point := baseline_point(one, name)) else None
    if kind in (Kind.QUANTITY, Kind.DURATION):
        return lambda one: float(point.values.data) if (point := baseline_point(one, name)) else None
    raise NotCarriedOut(f"a comparison cannot be adjusted for “{name}”, which has no value per participant")


def _notes(data: _Compared) -> Iterator[str]:
    if data.left_out:
        yield f"A value that the comparison is adjusted for is not known, and they are left out: {', '.join(data.left_out)}."
    if len(data.arms) > 2:
        pair = f"{data.arms[0].label} to {data.arms[-1].label}"
        yield f"The hazard ratio is that of {pair}; the test is of all {len(data.arms)} arms."
    if any(row.outcome == COMPETING for arm in data.arms for row in arm.rows):
        yield "Competing events are censored here: the hazards compared are those of the event among the event-free."


def _by_arm(data: _Compared, level: float) -> ResultTable:
    columns = (
        ResultColumn("arm", "Arm"),
        ResultColumn("n", "Participants"),
        ResultColumn("events", "Events"),
        ResultColumn("median", "Median", "d"),
        ResultColumn("low", "Lower bound", "d"),
        ResultColumn("high", "Upper bound", "d"),
    )
    rows: list[tuple[TableCell, ...]] = []
    for arm in data.arms:
        middle = quantile_time(kaplan_meier(arm.days, arm.happened, level))
        rows.append((arm.label, len(arm.rows), sum(arm.happened), middle.time, middle.low, middle.high))
    return ResultTable(columns, tuple(rows))


def evidence_of(arms: tuple[Arm, ...]) -> Evidence:
    """The rows behind a comparison, arm by arm."""
    return Evidence(COLUMNS, tuple(_line(arm, row) for arm in arms for row in arm.rows))


def _line(arm: Arm, row: TimeRow) -> tuple[str, ...]:
    return row.participant, arm.label, str(row.days), row.outcome, row.what, entries_text(row.entries)
