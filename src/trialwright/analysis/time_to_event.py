"""Times to an event: by the summary that the plan names, with what competed and what is only known between visits.

One minus Kaplan-Meier is never read as the chance of an event that others compete with; Aalen-Johansen stands beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from trialwright.analysis.cohort import Carried, Cohort, Evidence, assumption_note, entries_text, read_interval, unknown_note
from trialwright.analysis.comparing_times import GRAY, HAZARD_RATIO, LOG_RANK, compared_hazards, compared_incidences
from trialwright.analysis.estimators.competing import IncidenceCurve, aalen_johansen
from trialwright.analysis.estimators.interval_censored import Reading, read_intervals
from trialwright.analysis.estimators.survival import Scale, SurvivalCurve, kaplan_meier, quantile_time
from trialwright.analysis.response_rate import members_of, reading_of, verdicts
from trialwright.analysis.restricted_means import RMST, restricted_means
from trialwright.analysis.result import Interval, Result, ResultColumn, ResultTable, TableCell
from trialwright.datasets.plan import NotCarriedOut, Target, ToResponse, read_targets, target_words
from trialwright.datasets.times import COMPETING, EVENT, TimeRow, Times, counted_as_event, times_of
from trialwright.protocol.model.aims import Endpoint

KAPLAN_MEIER, AALEN_JOHANSEN = "kaplan-meier", "aalen-johansen"
_INTERVALS = {
    KAPLAN_MEIER: tuple(one.value for one in Scale),
    AALEN_JOHANSEN: ("log-log",),
    RMST: ("wald",),
    HAZARD_RATIO: ("wald",),
    LOG_RANK: ("wald",),
}
_COMPARED = {
    KAPLAN_MEIER: (HAZARD_RATIO,),
    AALEN_JOHANSEN: (GRAY,),
    RMST: ("difference",),
    HAZARD_RATIO: (HAZARD_RATIO,),
    LOG_RANK: (HAZARD_RATIO,),
}
COLUMNS = ("Participant", "Time, days", "Outcome", "What ended it", "Last clear, days", "Log entries")
_KM_SOURCE = "Kaplan & Meier, JASA 1958;53:457; Kalbfleisch & Prentice 1980; Brookmeyer & Crowley, Biometrics 1982;38:29"
_AJ_SOURCE = "Aalen & Johansen, Scand J Stat 1978;5:141; Marubini & Valsecchi 1995"


def time_to_event(cohort: Cohort, endpoint_id: str) -> Iterator[Carried]:
    """The endpoint by its summary, then what a reader needs beside it.

    Raises:
        NotCarriedOut: The plan asks for another summary, or for an event or a milestone that the log does not record.
    """
    endpoint = cohort.endpoint(endpoint_id)
    summary = (endpoint.summary or KAPLAN_MEIER).strip().lower()
    compare = (endpoint.compare or "").strip().lower()
    if summary not in _INTERVALS:
        raise NotCarriedOut(f"the summary “{endpoint.summary}” is not known for a time; known: {', '.join(_INTERVALS)}")
    if compare and compare not in _COMPARED[summary]:
        known = ", ".join(_COMPARED[summary]) or "none"
        raise NotCarriedOut(f"the comparison “{endpoint.compare}” is not known for {summary}; known: {known}")
    method, level = read_interval(endpoint.interval, f"{_INTERVALS[summary][0]} 95 %")
    if method not in _INTERVALS[summary]:
        raise NotCarriedOut(f"the interval “{method}” is not known for a time; known: {', '.join(_INTERVALS[summary])}")
    times = times_of(cohort.protocol, endpoint_id, cohort.everyone)
    blank = _blank(cohort, endpoint_id, times)
    if not times.rows:
        yield _carried(replace(blank, notes=("Nobody has this time; nothing can be estimated.", *blank.notes)), times)
    elif summary == RMST:
        yield from restricted_means(cohort, blank, times, level)
    elif summary in (HAZARD_RATIO, LOG_RANK):
        yield from compared_hazards(cohort, blank, times, level)
    else:
        yield from _curves(blank, times, (summary, method, level))
        if compare == GRAY:
            of_arms = replace(blank, id=f"{blank.id}.gray", title=f"{blank.title}: arms compared")
            yield from compared_incidences(cohort, of_arms, times, level)
        elif compare:
            of_ratio = replace(blank, id=f"{blank.id}.hazard_ratio", title=f"{blank.title}: hazard ratio")
            yield from compared_hazards(cohort, of_ratio, times, level)


def _curves(blank: Result, times: Times, plan: tuple[str, str, float]) -> Iterator[Carried]:
    summary, method, level = plan
    if summary == AALEN_JOHANSEN:
        yield _incidence(blank, times, level)
        return
    yield _kaplan_meier(blank, times, level, Scale(method))
    if any(row.outcome == COMPETING for row in times.rows):
        chance = replace(blank, id=f"{blank.id}.incidence", title=f"{blank.title}: chance of it coming first")
        yield _incidence(chance, times, level)
    if any(row.outcome == EVENT and row.clear_days is not None for row in times.rows):
        yield _between_visits(blank, times, level, Scale(method))


def _blank(cohort: Cohort, endpoint_id: str, times: Times) -> Result:
    endpoint = cohort.endpoint(endpoint_id)
    return Result(
        id=endpoint_id,
        title=endpoint.label,
        estimate=None,
        unit="d",
        method="",
        source="",
        population=cohort.population_words(endpoint),
        n=len(times.rows),
        head=cohort.head,
        simulated=cohort.simulated,
        participants=tuple(row.participant for row in times.rows),
        notes=tuple(_notes(cohort, endpoint, times)),
    )


def _notes(cohort: Cohort, endpoint: Endpoint, times: Times) -> Iterator[str]:
    yield f"Days are counted from {endpoint.from_}, which is 0, to the visit that first showed the event."
    rivals = Counter(row.what for row in times.rows if row.outcome == COMPETING)
    if endpoint.competing:
        named = ", ".join(f"{what} {count}" for what, count in rivals.items()) or "none happened first"
        yield f"Competing events: {named}."
    same = [target_words(one, cohort.protocol) for one in _swallowed(cohort, endpoint)]
    if same:
        yield f"{', '.join(same).capitalize()} counts as the event itself, by the state's definition, and does not compete."
    yield from _counted_otherwise(cohort, endpoint, times)
    if times.not_begun:
        yield f"Not begun (no {endpoint.from_} on record): {', '.join(times.not_begun)}."
    if times.before_origin:
        yield f"The event came before {endpoint.from_}; left out: {', '.join(times.before_origin)}."
    yield from unknown_note(times.unknown)
    yield from assumption_note(endpoint.label, endpoint)


def _counted_otherwise(cohort: Cohort, endpoint: Endpoint, times: Times) -> Iterator[str]:
    """Name those whose response ends the time here and who count as failures where responders are counted."""
    responses = [one for one in read_targets(endpoint.to or "", cohort.protocol) if isinstance(one, ToResponse)]
    happened = {row.participant for row in times.rows if row.outcome == EVENT}
    for name, one in cohort.protocol.file.endpoints.items():
        if one.measure != "response" or (one.response, one.category) not in [(it.response, it.category) for it in responses]:
            continue
        found = verdicts(members_of(cohort, name).members, one, reading_of(one, cohort))
        failed = [f"{it.participant} ({it.why})" for it in found if it.participant in happened and not it.responded]
        if failed:
            yield f"Response here, failure in “{one.label}”: {', '.join(failed)}."


def _swallowed(cohort: Cohort, endpoint: Endpoint) -> tuple[Target, ...]:
    counted = counted_as_event(cohort.protocol, read_targets(endpoint.to or "", cohort.protocol))
    named = [target for text in endpoint.competing for target in read_targets(text, cohort.protocol)]
    return tuple(one for one in counted if one in named)


def _evidence(times: Times) -> Evidence:
    return Evidence(COLUMNS, tuple(_line(row) for row in times.rows))


def _line(row: TimeRow) -> tuple[str, ...]:
    clear = "" if row.clear_days is None else str(row.clear_days)
    return row.participant, str(row.days), row.outcome, row.what, clear, entries_text(row.entries)


def _carried(result: Result, times: Times, survival: SurvivalCurve | None = None) -> Carried:
    return Carried(result, _evidence(times), survival)


def _kaplan_meier(blank: Result, times: Times, level: float, scale: Scale) -> Carried:
    happened = [row.outcome == EVENT for row in times.rows]
    curve = kaplan_meier([row.days for row in times.rows], happened, level, scale)
    middle = quantile_time(curve)
    notes = blank.notes if middle.time is not None else ("The median is not reached.", *blank.notes)
    interval = None
    if middle.time is not None:
        low, high = middle.low or 0.0, middle.high if middle.high is not None else float("inf")
        interval = Interval(min(low, middle.time), max(high, middle.time), level)
    if any(row.outcome == COMPETING for row in times.rows):
        notes = (*notes, "Competing events are censored here: the curve is not the chance of the event where others compete.")
    result = replace(
        blank,
        estimate=middle.time,
        interval=interval,
        numerator=sum(happened),
        method=f"Kaplan-Meier median, {scale.value} interval at {level * 100:g} %",
        source=_KM_SOURCE,
        table=_steps(curve),
        notes=notes,
    )
    return _carried(result, times, curve)


def _steps(curve: SurvivalCurve) -> ResultTable:
    columns = (
        ResultColumn("time", "Time", "d"),
        ResultColumn("at_risk", "At risk"),
        ResultColumn("events", "Events"),
        ResultColumn("censored", "Censored"),
        ResultColumn("survival", "Event-free", "1"),
        ResultColumn("low", "Lower bound", "1"),
        ResultColumn("high", "Upper bound", "1"),
    )
    whole = (curve.at_risk, curve.events, curve.censored)
    shares = (curve.survival, curve.low, curve.high)
    rows = tuple(
        (float(time), *(int(one[index]) for one in whole), *(float(one[index]) for one in shares))
        for index, time in enumerate(curve.times)
    )
    return ResultTable(columns, rows)


def _incidence(blank: Result, times: Times, level: float) -> Carried:
    """Aalen-Johansen at the last time; cause 1 is the event, the others what competed."""
    names = [EVENT, *dict.fromkeys(row.what for row in times.rows if row.outcome == COMPETING)]
    kinds = [0 if row.outcome not in (EVENT, COMPETING) else _cause(row, names) for row in times.rows]
    curves = aalen_johansen([row.days for row in times.rows], kinds, level)
    own = next((one for one in curves if one.cause == 1), None)
    last = max(row.days for row in times.rows)
    label = next((row.what for row in times.rows if row.outcome == EVENT), "event")
    named = tuple((label if one.cause == 1 else names[one.cause - 1], one) for one in curves)
    interval = Interval(float(own.low[-1]), float(own.high[-1]), level) if own is not None else None
    result = replace(
        blank,
        estimate=float(own.incidence[-1]) if own is not None else 0.0,
        unit="1",
        interval=interval,
        numerator=kinds.count(1),
        method=f"Aalen-Johansen cumulative incidence at day {last}, log-log interval at {level * 100:g} %",
        source=_AJ_SOURCE,
        table=_incidence_table(named),
        notes=blank.notes if own is not None else ("No event happened; the bounds say nothing.", *blank.notes),
    )
    return Carried(result, _evidence(times), incidence=named)


def _cause(row: TimeRow, names: list[str]) -> int:
    return 1 if row.outcome == EVENT else names.index(row.what, 1) + 1


def _incidence_table(named: tuple[tuple[str, IncidenceCurve], ...]) -> ResultTable:
    columns = (
        ResultColumn("cause", "What came first"),
        ResultColumn("time", "Time", "d"),
        ResultColumn("incidence", "Cumulative incidence", "1"),
        ResultColumn("low", "Lower bound", "1"),
        ResultColumn("high", "Upper bound", "1"),
    )
    rows: list[tuple[TableCell, ...]] = []
    for name, curve in named:
        parts = zip(curve.times, curve.incidence, curve.low, curve.high, strict=True)
        rows += [(name, *(float(value) for value in values)) for values in parts]
    return ResultTable(columns, tuple(rows))


def _between_visits(blank: Result, times: Times, level: float, scale: Scale) -> Carried:
    """The median under each reading of the interval between the last clear visit and the one that showed the event."""
    left = [float(row.clear_days if row.outcome == EVENT and row.clear_days is not None else row.days) for row in times.rows]
    right = [float(row.days) if row.outcome == EVENT else float("inf") for row in times.rows]
    rows: list[tuple[str, float | None, float | None, float | None]] = []
    for reading in Reading:
        middle = quantile_time(kaplan_meier(*read_intervals(left, right, reading), level, scale))
        rows.append((reading.value, middle.time, middle.low, middle.high))
    columns = (
        ResultColumn("reading", "Time taken for the event"),
        ResultColumn("median", "Median", "d"),
        ResultColumn("low", "Lower bound", "d"),
        ResultColumn("high", "Upper bound", "d"),
    )
    midpoint = rows[1]
    bounds = None
    if midpoint[1] is not None:
        bounds = Interval(midpoint[2] or 0.0, midpoint[3] if midpoint[3] is not None else float("inf"), level)
    result = replace(
        blank,
        id=f"{blank.id}.between_visits",
        title=f"{blank.title}: event between two visits, midpoint",
        estimate=midpoint[1],
        interval=bounds,
        numerator=sum(1 for row in times.rows if row.outcome == EVENT),
        method=f"Kaplan-Meier median at the midpoint of the interval between visits, {scale.value} interval at {level * 100:g} %",
        source=_KM_SOURCE,
        table=ResultTable(columns, tuple(rows)),
        notes=("The event is known only to lie between the last clear visit and the visit that showed it.",),
    )
    return _carried(result, times)
