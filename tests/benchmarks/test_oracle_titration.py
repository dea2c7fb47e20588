"""The made-up titration against an independent exact calculation (oracle_titration.csv): every way, and simulated.

Tolerances: exact ways agree to 1e-8 (chances are kept to 32 bits, 2.3e-10 each, over twelve weeks); simulated means within
five standard errors.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trialwright.protocol import read_protocol
from trialwright.simulation.operating.exact import NotFinite, Ways, exact_ways
from trialwright.simulation.operating.reading import read_operating
from trialwright.simulation.operating.run import Compiled, compile_design, run

ROOT = Path(__file__).parents[2]
TRIAL = ROOT / "trials" / "oracle-titration"
TABLE = ROOT / "tests" / "reference" / "designs" / "oracle_titration.csv"
ROWS = list(csv.DictReader(TABLE.open(encoding="utf-8")))
DOSES = (100, 200, 300, 400)


@lru_cache
def compiled() -> Compiled:
    """The made-up titration with its chances, interpreted."""
    protocol = read_protocol(TRIAL / "protocol.yaml").protocol
    assert protocol is not None
    return compile_design(protocol, read_operating(TRIAL / "operating.yaml"), interpreted=True)


def settings(row: dict[str, str]) -> dict[str, str]:
    """How a row of the table is set."""
    found = {"traits.subtype.B": row["prev_B"], "leaves.none": row["dropout"]}
    for dose in DOSES:
        found |= {f"response.{sort}.{dose}": row[f"p_{sort}{dose}"] for sort in "AB"}
        found[f"events.severe.{dose}"] = row[f"ae_{dose}"]
    return found


def weeks_at(ways: Ways, level: int) -> float:
    """Expected weeks at a level: each state holds for the week after its visit."""
    return float(ways.probability @ (ways.paths.state[:, :-1] == level).sum(axis=1))


@pytest.mark.parametrize("row", ROWS, ids=[row["scenario"] for row in ROWS])
def test_every_way_through_the_titration_adds_up_to_the_table(row: dict[str, str]):
    ways = exact_ways(compiled().design, compiled().parameters(settings(row)))
    paths, close = ways.paths, {"abs": 1e-8}
    assert ways.probability.sum() == pytest.approx(1, **close)
    assert ways.of(paths.seen >= 0) == pytest.approx(float(row["P_CR"]), **close)
    assert ways.of(paths.left >= 0) == pytest.approx(float(row["P_dropout"]), **close)
    events = float(ways.probability @ (paths.grades > 0).sum(axis=(1, 2)))
    assert events == pytest.approx(float(row["E_AE_per_patient"]), **close)
    for level, dose in enumerate(DOSES):
        assert weeks_at(ways, level) == pytest.approx(float(row[f"E_weeks_at_{dose}"]), abs=1e-7)
    for sort, code in (("A", 0), ("B", 1)):
        of_sort = paths.traits[:, 0] == code
        assert ways.of((paths.seen >= 0) & of_sort) / ways.of(of_sort) == pytest.approx(float(row[f"P_CR_{sort}"]), **close)


@pytest.mark.parametrize("row", ROWS[:3], ids=[row["scenario"] for row in ROWS[:3]])
def test_a_simulated_titration_agrees_with_the_table_within_monte_carlo_error(row: dict[str, str]):
    tally = run(compiled(), 20, range(1500), compiled().parameters(settings(row)))
    people = tally.trials * 25
    seen: Any = tally.table("seen")
    for found, name, sides in (
        (seen @ np.arange(26) / people, "P_CR", people),
        (tally.table("left").sum() / people, "P_dropout", people),
        (seen[9:].sum() / tally.trials, "P_resp_ge_9", tally.trials),
        (seen[16:].sum() / tally.trials, "P_resp_ge_16", tally.trials),
    ):
        exact = float(row[name])
        assert abs(found - exact) <= 5 * np.sqrt(exact * (1 - exact) / sides) + 1e-12, name


def test_amounts_that_are_drawn_have_no_exact_answer():
    seed = ROOT / "trials" / "nilg-hes1-03"
    protocol = read_protocol(seed / "protocol.yaml").protocol
    assert protocol is not None
    design = compile_design(protocol, read_operating(seed / "operating.yaml"), interpreted=True)
    with pytest.raises(NotFinite, match="platelets"):
        exact_ways(design.design, design.parameters())
