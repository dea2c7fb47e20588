"""Restricted mean event-free time, by arm, and the difference of two arms'. It assumes no shape of the hazards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import ndtr, ndtri

from trialwright.analysis.cohort import Carried, Cohort
from trialwright.analysis.comparing_times import Arm, arms_of, evidence_of
from trialwright.analysis.estimators.survival import RestrictedMean, kaplan_meier, restricted_mean
from trialwright.analysis.result import Interval, Result, ResultColumn, ResultTable, TableCell
from trialwright.datasets.plan import deadline
from trialwright.datasets.times import COMPETING, Times

RMST = "rmst"
_RMST_SOURCE = "Royston & Parmar, BMC Med Res Methodol 2013;13:152"


def restricted_means(cohort: Cohort, blank: Result, times: Times, level: float) -> Iterator[Carried]:
    """Mean event-free time up to a horizon, by arm; with two arms and `compare: difference`, their difference.

    The horizon is the endpoint's `at` or `by`; where follow-up of an arm ends before it, the shortest of the arms'.
    """
    endpoint_id = blank.id.partition(".")[0]
    arms = arms_of(cohort, times)
    until, said = _horizon(cohort, endpoint_id, times, arms)
    found = [_mean(arm, until, level) for arm in arms]
    method = f"restricted mean event-free time to day {until:g}, Wald interval at {level * 100:g} %"
    if any(row.outcome == COMPETING for row in times.rows):
        said = (*said, "Competing events are censored here: the mean is that of a world without them.")
    happened = sum(sum(arm.happened) for arm in arms)
    result = replace(
        blank,
        method=method,
        source=_RMST_SOURCE,
        numerator=happened,
        table=_means_table(arms, found),
        notes=(*said, *blank.notes),
    )
    evidence = evidence_of(arms)
    if len(arms) == 1 and found[0] is not None:
        yield Carried(replace(result, estimate=found[0].mean, interval=Interval(found[0].low, found[0].high, level)), evidence)
        return
    yield Carried(result, evidence)
    comparison = cohort.endpoint(endpoint_id).compare
    if comparison and len(arms) == 2:
        yield Carried(_difference(result, arms, found, level), evidence)


def _mean(arm: Arm, until: float, level: float) -> RestrictedMean | None:
    try:
        return restricted_mean(kaplan_meier(arm.days, arm.happened, level), until)
    except ValueError:  # a horizon of 0, or none that anybody was followed to
        return None


def _difference(blank: Result, arms: tuple[Arm, ...], found: list[RestrictedMean | None], level: float) -> Result:
    one, other = found
    words = f"difference of restricted means, {arms[0].label} minus {arms[1].label}; {blank.method}"
    result = replace(blank, id=f"{blank.id}.difference", title=f"{blank.title}: difference", method=words, table=None)
    if one is None or other is None or (error := float(np.hypot(one.standard_error, other.standard_error))) == 0:
        return replace(result, notes=("The difference is not estimable.", *blank.notes))
    gap, half = one.mean - other.mean, float(ndtri((1 + level) / 2)) * error
    return replace(
        result, estimate=gap, interval=Interval(gap - half, gap + half, level), p_value=float(2 * ndtr(-abs(gap) / error))
    )


def _horizon(cohort: Cohort, endpoint_id: str, times: Times, arms: tuple[Arm, ...]) -> tuple[float, tuple[str, ...]]:
    endpoint = cohort.endpoint(endpoint_id)
    text = endpoint.at or endpoint.by
    by_id = {one.id: one for one in cohort.everyone}
    asked = [(last - row.origin_on).days for row in times.rows if (last := deadline(text, by_id[row.participant])) is not None]
    followed = {arm.label: max(arm.days) for arm in arms}
    shortest = min(followed, key=lambda label: followed[label])
    if asked and min(asked) <= followed[shortest]:
        return float(min(asked)), ()
    wanted = f", not to {text}" if text else ""
    return float(followed[shortest]), (f"The horizon is day {followed[shortest]}, to which {shortest} was followed{wanted}.",)


def _means_table(arms: tuple[Arm, ...], found: list[RestrictedMean | None]) -> ResultTable:
    columns = (
        ResultColumn("arm", "Arm"),
        ResultColumn("n", "Participants"),
        ResultColumn("events", "Events"),
        ResultColumn("mean", "Restricted mean", "d"),
        ResultColumn("error", "Standard error", "d"),
        ResultColumn("low", "Lower bound", "d"),
        ResultColumn("high", "Upper bound", "d"),
    )
    rows: list[tuple[TableCell, ...]] = []
    for arm, one in zip(arms, found, strict=True):
        numbers = (one.mean, one.standard_error, one.low, one.high) if one else (None, None, None, None)
        rows.append((arm.label, len(arm.rows), sum(arm.happened), *numbers))
    return ResultTable(columns, tuple(rows))
