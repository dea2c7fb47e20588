"""A result as plain values with stable keys, and as tables of polars. Changes nothing of what it says."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from trialwright.simulation.characteristics.estimates import Estimate
from trialwright.simulation.characteristics.result import Characteristics, Distribution, Probability, Provenance

if TYPE_CHECKING:
    import polars as pl

FORMAT = 1


def as_plain(found: Characteristics) -> dict[str, Any]:
    """Return the result for JSON; what is not a number is null."""
    told = found.provenance
    return {
        "format": FORMAT,
        "simulated": True,
        "provenance": provenance_plain(told),
        "probabilities": probabilities_plain(found.probabilities),
        "distributions": {one.id: _distribution(one) for one in found.distributions},
        "flow": asdict(found.flow) if found.flow is not None else None,
        "accrual": asdict(found.accrual) if found.accrual is not None else None,
        "notes": list(found.notes),
    }


def provenance_plain(told: Provenance) -> dict[str, Any]:
    """Return where a result comes from as plain values; an arm only where there is one."""
    arm = {"arm": told.arm} if told.arm else {}
    plain = {name: value for name, value in asdict(told).items() if name != "arm"}
    return {**plain, **arm, "settings": dict(told.settings), "partial": told.partial}


def probabilities_plain(found: Iterable[Probability]) -> dict[str, dict[str, Any]]:
    """Return probabilities and means as plain values, by their ids."""
    return {one.id: {"label": one.label, "part": one.part, "share": one.share, **estimate_plain(one.estimate)} for one in found}


def estimate_plain(estimate: Estimate) -> dict[str, float | None]:
    """Return an estimate as plain values."""
    return {name: _number(value) for name, value in asdict(estimate).items()}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _distribution(one: Distribution) -> dict[str, Any]:
    return {
        "label": one.label,
        "of": one.of,
        "group": one.group,
        "values": list(one.values),
        "counts": list(one.counts),
        "open_end": one.open_end,
        "mean": estimate_plain(one.mean),
        "deviation": _number(one.deviation),
        "quantiles": [{name: _number(value) for name, value in asdict(each).items()} for each in one.quantiles],
    }


def tables(found: Characteristics) -> dict[str, pl.DataFrame]:
    """Return three tables: ``probabilities``, ``distributions`` (a row for each bin) and ``moves`` (a row for each way taken)."""
    import polars as pl

    probabilities = [
        {"id": one.id, "label": one.label, "part": one.part, "share": one.share, **asdict(one.estimate)}
        for one in found.probabilities
    ]
    bins = [
        {"id": one.id, "label": one.label, "of": one.of, "group": one.group, "value": value, "count": count}
        for one in found.distributions
        for value, count in zip(one.values, one.counts, strict=True)
    ]
    moves = [
        {
            "day": found.flow.days[visit],
            "before": found.flow.states[before],
            "after": found.flow.states[after],
            "participants": count,
        }
        for visit, step in enumerate(found.flow.moves if found.flow is not None else ())
        for before, row in enumerate(step)
        for after, count in enumerate(row)
        if count and found.flow is not None
    ]
    schema = {"day": pl.Int64, "before": pl.String, "after": pl.String, "participants": pl.Int64}
    return {
        "probabilities": pl.DataFrame(probabilities),
        "distributions": pl.DataFrame(bins),
        "moves": pl.DataFrame(moves, schema=schema),
    }
