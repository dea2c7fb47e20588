"""How fast the estimators are: a million rows and 25, beside R survival, lifelines and statsmodels, in one run.

OPENBLAS_NUM_THREADS=1 python benchmarks/simulation/estimators_speed.py [ROWS]

Processor time of one thread, the best of several calls. Rows are drawn: two arms of exponential times (median about 16 months,
hazard ratio 0.74) in whole days as a trial records them, those in years, or exact, so that hardly two are the same; uniform
censoring; about 60 % events. What sorting the exact times alone costs here, by numpy, stands beside. Bounds are counted among a
curve where it says so, and in what is by itself.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from trialwright.analysis.estimators.cox import cox
from trialwright.analysis.estimators.log_rank import log_rank, log_rank_of
from trialwright.analysis.estimators.proportion import interval_table, proportion
from trialwright.analysis.estimators.risk import risk_table
from trialwright.analysis.estimators.survival import curves, kaplan_meier

HERE = Path(__file__).parent
TOGETHER = "Kaplan-Meier by arm with log-rank"
WITH_BOUNDS = "the same, bounds at each time"
KM_LOG_RANK_MS = 20.0
COX_TIMES_R = 3.0
SMALL_MS = 1.0
SMALL = 25
FEW = 1000  # rows up to which peers that take minutes are asked

KINDS = {"day": "whole days", "year": "days in years", "exact": "exact times"}

warnings.simplefilter("ignore")
Data = dict[str, np.ndarray]


def data(rows: int, seed: int = 1) -> Data:
    """Day, that in years, exact time, event, arm and two more covariates."""
    chance = np.random.Generator(np.random.Philox(seed))
    arm, age, marker = chance.integers(0, 2, rows), chance.normal(size=rows), chance.normal(size=rows)
    event = chance.exponential(700 / np.exp(-0.3 * arm + 0.2 * age), rows)
    lost = chance.uniform(0, 1800, rows)
    exact = np.minimum(event, lost)
    times = {"day": np.ceil(exact), "year": np.ceil(exact) / 365.25, "exact": exact}
    return times | {"seen": event <= lost, "arm": arm, "x": np.stack([arm, age, marker], axis=1)}


def milliseconds(work: Callable[[], object], times: int = 5, each: int = 1) -> float:
    """Processor time of one call: the best of some, each of so many calls."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        for _ in range(each):
            work()
        best = min(best, time.process_time() - began)
    return best / each * 1e3


def ours(rows: Data, times: str, repeat: int, each: int = 1) -> dict[str, float]:
    """Kaplan-Meier by arm with the log-rank test from one table, the two called by themselves, and Cox."""
    t, seen, arm, x = rows[times], rows["seen"], rows["arm"], rows["x"]

    def together() -> object:
        table = risk_table(t, seen, arm)
        return curves(table), log_rank_of((table,))

    def with_bounds() -> object:
        table = risk_table(t, seen, arm)
        return [(one.low, one.high) for one in curves(table)], log_rank_of((table,))

    return {
        TOGETHER: milliseconds(together, repeat, each),
        WITH_BOUNDS: milliseconds(with_bounds, repeat, each),
        "Kaplan-Meier of all": milliseconds(lambda: kaplan_meier(t, seen).high, repeat, each),
        "log-rank": milliseconds(lambda: log_rank(t, seen, arm), repeat, each),
        "Cox, arm": milliseconds(lambda: cox(t, seen, arm), max(repeat // 2, 2), each),
        "Cox, three covariates": milliseconds(lambda: cox(t, seen, x), max(repeat // 2, 2), each),
    }


def from_r(rows: Data, times: str, each: int = 1) -> dict[str, float]:
    """The same from R survival; empty where R is absent."""
    if shutil.which("Rscript") is None:
        print("R is not installed; benchmarks/simulation/install_peers.sh installs it", file=sys.stderr)
        return {}
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        columns = [rows[times], rows["seen"], *rows["x"].T]
        np.stack(columns).astype("<f8").tofile(file.name)
        count = len(rows["arm"])
        command = ["Rscript", "--vanilla", str(HERE / "peers/survival_estimators.R"), file.name, str(count), str(each)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = (line.partition("\t") for line in done.stdout.splitlines())
    found = {name: float(value) for name, _, value in lines if name not in ("R", "survival")}
    found[WITH_BOUNDS] = found[TOGETHER]  # survfit always has them
    return found | {"versions " + line: 0.0 for line in done.stdout.splitlines() if line.startswith(("R\t", "survival\t"))}


def from_lifelines(rows: Data, times: str, repeat: int) -> dict[str, float]:
    """Kaplan-Meier by arm with the log-rank test; Cox only where rows are few (24 s for a million whole days, 83 s for times)."""
    from lifelines import CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import logrank_test
    from pandas import DataFrame

    t, seen, arm = rows[times], rows["seen"], rows["arm"] == 1

    def together() -> object:
        fitted = [KaplanMeierFitter().fit(t[own], seen[own]) for own in (arm, ~arm)]
        return fitted, logrank_test(t[arm], t[~arm], seen[arm], seen[~arm])

    spent = milliseconds(together, repeat)
    found = {TOGETHER: spent, WITH_BOUNDS: spent}  # fitting has them
    if len(t) <= FEW:
        frame = DataFrame({"t": t, "seen": seen, "arm": rows["arm"]})
        found["Cox, arm"] = milliseconds(lambda: CoxPHFitter().fit(frame, "t", "seen"), repeat)
    return found


def from_statsmodels(rows: Data, times: str, repeat: int) -> dict[str, float]:
    """Kaplan-Meier by arm with the log-rank test; its Cox regression only where rows are few, since it takes minutes."""
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff

    t, seen, arm = rows[times], rows["seen"].astype(int), rows["arm"]

    def together() -> object:
        return [SurvfuncRight(t[arm == one], seen[arm == one]) for one in (0, 1)], survdiff(t, seen, arm)

    found = {TOGETHER: milliseconds(together, repeat)}
    if len(t) <= FEW:
        found["Cox, arm"] = milliseconds(lambda: PHReg(t, arm, status=seen, ties="efron").fit(), repeat)
    return found


def table(title: str, columns: dict[str, dict[str, float]]) -> None:
    """Print milliseconds, and how many times ours each peer takes."""
    print(f"\n{title}, ms of processor time (times ours)")
    names = list(columns)
    print(f"{'':36}" + "".join(f"{name:>22}" for name in names))
    for what, mine in columns[names[0]].items():
        cells = [f"{mine:.3f}"]
        for name in names[1:]:
            theirs = columns[name].get(what)
            cells.append("–" if theirs is None else f"{theirs:.2f} ({theirs / mine:.0f}×)")
        print(f"{what:36}" + "".join(f"{cell:>22}" for cell in cells))


def verdict(said: str, found: float, wanted: float, below: bool = True) -> None:
    """One line of the issue, met or not."""
    met = found <= wanted if below else found >= wanted
    print(f"{'met ' if met else 'NOT MET'} {said}: {found:.3g}, wanted {'at most' if below else 'at least'} {wanted:g}")


def versions(from_peers: dict[str, float]) -> None:
    """Name what was measured."""
    of_r = [key.split(None, 1)[1].replace("\t", " ") for key in from_peers if key.startswith("versions")]
    libraries = [f"{one} {version(one)}" for one in ("numpy", "scipy", "lifelines", "statsmodels")]
    print(f"Python {platform.python_version()},", ", ".join([*libraries, *(of_r or ["no R"])]))


def small_ones() -> dict[str, float]:
    """Print what 25 participants cost, and their exact intervals."""
    few = data(SMALL, 3)
    found = ours(few, "day", 40, 40)
    columns = {"ours": found, "R": from_r(few, "day", 300), "lifelines": from_lifelines(few, "day", 5)}
    table(f"{SMALL} rows, whole days", columns | {"statsmodels": from_statsmodels(few, "day", 20)})
    interval_table.cache_clear()
    counts = np.arange(SMALL + 1)
    computed = milliseconds(lambda: proportion(counts, SMALL), 9, 100) * 1e3
    print(f"\nexact intervals of all counts of {SMALL}: {computed:.1f} µs;", end=" ")
    print(f"looked up: {milliseconds(lambda: interval_table(SMALL), 9, 1000) * 1e3:.2f} µs")
    return found


def main() -> None:
    """Print the tables and what the issue wants of them."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    many = data(rows)
    sort_ms = milliseconds(lambda: np.sort(many["exact"]), 15)
    mine = {times: ours(many, times, 9) for times in KINDS}
    peers = {times: from_r(many, times) for times in KINDS}
    versions(peers["day"])
    for times, words in KINDS.items():
        columns = {"ours": mine[times], "R": peers[times], "lifelines": from_lifelines(many, times, 1)}
        columns["statsmodels"] = from_statsmodels(many, times, 1)
        table(f"{rows:,} rows, {words}", columns)
    print(f"\nnumpy's sort of the exact times alone: {sort_ms:.1f} ms")
    small = small_ones()
    print()
    for times, words in KINDS.items():
        for what in (TOGETHER, WITH_BOUNDS):
            verdict(f"{what}, {rows:,} rows, {words}, ms", mine[times][what], KM_LOG_RANK_MS)
    for times, words in KINDS.items():
        for what in ("Cox, arm", "Cox, three covariates"):
            if peers[times]:
                verdict(
                    f"{what}, {rows:,} rows, {words}, times R", peers[times][what] / mine[times][what], COX_TIMES_R, below=False
                )
    three = small["Kaplan-Meier of all"] + small["log-rank"] + small["Cox, arm"]
    verdict(f"Kaplan-Meier, log-rank and Cox at {SMALL}, ms", three, SMALL_MS)


if __name__ == "__main__":
    main()
