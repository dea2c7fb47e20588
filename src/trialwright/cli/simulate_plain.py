"""Simulated scenarios beside each other as plain values: a grid, two protocols, a tornado; of one arm or of several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from trialwright.simulation.characteristics.plain import FORMAT, estimate_plain
from trialwright.simulation.scenarios.differing import Difference, differences
from trialwright.simulation.scenarios.playing import Compared
from trialwright.simulation.scenarios.sensitivity import Swing

Plain = dict[str, Any]
HEAD: Plain = {"format": FORMAT, "simulated": True}


def grid_plain(each: Sequence[Compared], results: Iterable[Plain], partial: bool) -> Plain:
    """Scenarios with their results, and how each differs from the first."""
    listed = [_scenario(each[0], one, result) for one, result in zip(each, results, strict=True)]
    return {**HEAD, "partial": partial, "scenarios": listed}


def _scenario(first: Compared, one: Compared, result: Plain) -> Plain:
    found = _differences(differences(first, one)) if one is not first else {}
    return {"label": one.scenario.label, "varied": dict(one.scenario.varied), "result": result, "differences": found}


def beside_plain(one: Plain, other: Plain, found: Iterable[Difference]) -> Plain:
    """The results of two protocols, and how they differ."""
    return {**HEAD, "one": one, "other": other, "differences": _differences(found)}


def tornado_plain(base: Plain, effects: Iterable[Swing], measure: str, partial: bool) -> Plain:
    """The result as the file says, and what turning each number does to the measure."""
    return {**HEAD, "partial": partial, "measure": measure, "base": base, "swings": [_swing(one) for one in effects]}


def _swing(one: Swing) -> Plain:
    return {
        "path": one.turn.path,
        "value": one.turn.value,
        "stated": one.turn.stated,
        "low": {"value": one.turn.low, **_difference(one.low)},
        "high": {"value": one.turn.high, **_difference(one.high)},
    }


def _differences(found: Iterable[Difference]) -> Plain:
    return {one.id: _difference(one) for one in found}


def _difference(one: Difference) -> Plain:
    return {"one": one.one, "other": one.other, **estimate_plain(one.difference), "error_apart": one.apart}
