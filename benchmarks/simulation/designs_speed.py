"""How fast the textbook designs are: Simon's search beside its definition in R and clinfun's figures, and exact answers.

python benchmarks/simulation/designs_speed.py

Processor time of one thread, the median of several calls; the peer from R runs in the same run. clinfun is not in Debian, so its
figures are those of issue 4, and the search by definition shows on this machine that the designs are the same.
"""

from __future__ import annotations

import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from trialwright.designs.ahern import ahern
from trialwright.designs.bayes_one_arm import Beta, Limits, Success, predictive_rule
from trialwright.designs.chains import operating_characteristics, stages
from trialwright.designs.group_sequential import equal_shares, obrien_fleming, pocock
from trialwright.designs.simon import SimonDesigns, simon

HERE = Path(__file__).parent
CLINFUN_MS = {100: 10.0, 200: 108.0}
CLINFUN_GRID_S = 12.4  # 112 designs, as issue 4 measured it
TIMES_CLINFUN = 30.0
EXACT_MS = 1.0
STEPS = {0.2: (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), 0.15: (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)}
ERRORS = ((0.1, 0.1), (0.05, 0.2), (0.05, 0.1))
GRID = [(p0, round(p0 + step, 2), alpha, beta) for step, rates in STEPS.items() for p0 in rates for alpha, beta in ERRORS]
BY_DEFINITION = ((0.2, 0.4, 0.05, 0.2, 50), (0.1, 0.3, 0.1, 0.1, 40), (0.3, 0.5, 0.05, 0.2, 50))
LARGE = (0.3, 0.4, 0.05, 0.2)  # of 200 participants or fewer


def milliseconds(work: Callable[[], object], times: int = 15, each: int = 20) -> float:
    """Processor time of one call: the median of some, each of so many calls."""
    found = []
    for _ in range(times):
        began = time.process_time()
        for _ in range(each):
            work()
        found.append((time.process_time() - began) / each * 1e3)
    return statistics.median(found)


def grid(compiled: bool) -> list[SimonDesigns]:
    """Both designs of every row of Simon's two tables."""
    return [simon(p0, p1, alpha, 1 - beta, compiled=compiled) for p0, p1, alpha, beta in GRID]


def by_definition(given: tuple[float, ...]) -> tuple[float, list[int]] | None:
    """Seconds of the search by definition in R, and r1, n1, r, n of its optimal and its minimax design."""
    if shutil.which("Rscript") is None:
        print("R is not installed; benchmarks/simulation/install_peers.sh installs it", file=sys.stderr)
        return None
    command = ["Rscript", "--vanilla", str(HERE / "peers/simon_by_definition.R"), *map(str, given)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = {key: values for key, *values in (line.split() for line in done.stdout.splitlines())}
    return float(lines["seconds"][0]), [int(float(one)) for name in ("optimal", "minimax") for one in lines[name][:4]]


def verdict(said: str, found: float, wanted: float, below: bool = True) -> None:
    met = found <= wanted if below else found >= wanted
    print(f"{'met    ' if met else 'NOT MET'} {said}: {found:.3g}, wanted {'at most' if below else 'at least'} {wanted:g}")


def simon_s() -> None:
    simon(0.2, 0.4, 0.05, 0.8, compiled=True)
    one = {most: milliseconds(lambda most=most: simon(0.2, 0.4, 0.05, 0.8, most, True)) for most in (100, 200)}  # type: ignore[misc]  # a default binds it
    large = milliseconds(lambda: simon(*LARGE[:3], 1 - LARGE[3], 200, True), 7, 5)
    compiled, arrays = milliseconds(lambda: grid(True), 5, 1), milliseconds(lambda: grid(False), 1, 1)
    assert grid(True) == grid(False), "the two searches differ"
    print(f"Simon, 20 % against 40 %, n <= 100: {one[100]:.3f} ms, n <= 200: {one[200]:.3f} ms (clinfun: 10 and 108)")
    print(f"Simon, 30 % against 40 %, n <= 200: {large:.3f} ms")
    print(
        f"Simon's tables, {2 * len(GRID)} designs: compiled {compiled:.1f} ms, by arrays {arrays:.0f} ms (clinfun: 112 in 12.4 s)"
    )
    print()
    for most, theirs in CLINFUN_MS.items():
        verdict(f"Simon, n <= {most}, times clinfun (of issue 4)", theirs / one[most], TIMES_CLINFUN, below=False)
    verdict("Simon, 30 % against 40 %, n <= 200, times clinfun (of issue 4)", CLINFUN_MS[200] / large, TIMES_CLINFUN, below=False)
    each = compiled / (2 * len(GRID))
    verdict("the grid, times clinfun (of issue 4), a design", CLINFUN_GRID_S * 1e3 / 112 / each, TIMES_CLINFUN, below=False)
    for given in BY_DEFINITION:
        peer = by_definition(given)
        if peer is not None:
            found = simon(given[0], given[1], given[2], 1 - given[3], int(given[4]), True)
            ours = [value for one in (found.optimal, found.minimax) for value in (one.r1, one.n1, one.r, one.n)]
            assert ours == peer[1], f"{given}: {ours} where the definition gives {peer[1]}"
            spent = milliseconds(lambda given=given: simon(given[0], given[1], given[2], 1 - given[3], int(given[4]), True))  # type: ignore[misc]  # as above
            print(f"by definition in R, {given}: the same designs, {peer[0]:.2f} s ({peer[0] * 1e3 / spent:,.0f} times ours)")


def exact() -> None:
    two, many = stages([13, 25], [3, -1], [26, 9]), np.linspace(0.01, 0.99, 99)
    predicted = predictive_rule(range(5, 26), 25, Success(0.2, 0.9), Limits(low=0.05), Beta())
    answers = {
        "one arm of 25 with a look at 13, one rate": lambda: operating_characteristics(two, 25, 0.4),
        "the same at 99 rates": lambda: operating_characteristics(two, 25, many),
        "one arm of 25, looked at after each from the 5th": lambda: operating_characteristics(predicted, 25, 0.4),
    }
    print()
    for words, work in answers.items():
        verdict(f"exact: {words}, ms", milliseconds(work), EXACT_MS)
    others = {
        "A'Hern, 20 % against 40 %": lambda: ahern(0.2, 0.4, 0.05, 0.8),
        "predictive-probability rule of 25 with 21 looks": lambda: predictive_rule(
            range(5, 26), 25, Success(0.2, 0.9), Limits(0.05), Beta()
        ),
        "Pocock, five looks": lambda: pocock(equal_shares(5), 0.05, 2),
        "O'Brien-Fleming, three looks": lambda: obrien_fleming(equal_shares(3), 0.025),
    }
    for words, work in others.items():
        print(f"{words}: {milliseconds(work, 5, 1):.2f} ms")


def main() -> None:
    """Print what was measured, and what the issue wants of it."""
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, numba {version('numba')}; {platform.machine()}\n")
    simon_s()
    exact()


if __name__ == "__main__":
    main()
