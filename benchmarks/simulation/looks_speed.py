"""How fast looks are simulated: one arm of 25 with an interim, and three looks of survival at 300, beside rpact in one run.

python benchmarks/simulation/looks_speed.py

Trials a second of processor time, one core. Both sides play the same trial: their chances of rejection are compared, and the
one-arm's with the exact ones. simtrial is not in Debian; the figure for its published way is quoted (see peers.py).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from peers import SIMTRIAL_PER_S, PeerRun, run_peer

from trialwright.designs.chains import operating_characteristics, stages
from trialwright.simulation.one_arm_looks import simulate_one_arm
from trialwright.simulation.survival_looks import SurvivalPlan, simulate_survival_looks

ONE_ARM_TIMES, SURVIVAL_TIMES, SIMTRIAL_TIMES, EXACT_MS = 150, 4, 500, 1.0
STAGES, NULL, TRUE = (13, 25), 0.2, 0.4
CRITICAL = (2.33166903819254, 1.68139045492300)  # rpact 3.3.4, O'Brien-Fleming, one-sided 5 %, information 13/25 and 1
MEDIAN_12, RATIO = math.log(2) / 12, 0.7
O_BRIEN_FLEMING = (3.47109144465409, 2.45443229863352, 2.00403557995285)  # rpact 3.3.4, three looks, one-sided 2.5 %


def seconds(work: Callable[[], object]) -> float:
    """Processor time."""
    began = time.process_time()
    work()
    return time.process_time() - began


def fewest(stage: int, critical: float) -> int:
    """The fewest responders at which the statistic that rpact uses reaches a critical value."""
    spread = math.sqrt(NULL * (1 - NULL) / STAGES[stage])
    return next(x for x in range(STAGES[stage] + 2) if (x / STAGES[stage] - NULL) / spread >= critical)


def verdict(said: str, found: float, wanted: float, below: bool = False) -> None:
    """One line: what was found, what is wanted."""
    met = found <= wanted if below else found >= wanted
    print(f"{'met ' if met else 'NOT MET'} {said}: {found:,.3g}, wanted {'at most' if below else 'at least'} {wanted:g}")


def same(said: str, ours: float, error: float, peer: PeerRun | None) -> None:
    """Compare chances within five Monte Carlo errors of both."""
    if peer is not None:
        gap, room = abs(ours - peer["mean"]), 5 * math.hypot(error, peer["error"])
        print(
            f"{'same' if gap <= room else 'NOT THE SAME'} {said}: {ours:.5f}, rpact {peer['mean']:.5f}, {room:.5f} apart at most"
        )


def one_arm() -> None:
    """13 and 25 participants: early success after O'Brien-Fleming, futility where the statistic is at most 0."""
    futile = math.floor(STAGES[0] * NULL)
    high = tuple(fewest(stage, CRITICAL[stage]) for stage in range(2))
    rule = stages(STAGES, (futile, high[1] - 1), high)
    simulate_one_arm(rule, 25, TRUE, 1000, 1)
    peer = run_peer("single_arm_rpact")
    trials = 20_000_000
    found = simulate_one_arm(rule, 25, TRUE, trials, 1)
    rate = trials / min(seconds(lambda: simulate_one_arm(rule, 25, TRUE, trials // 4, 2)) for _ in range(4)) / 4
    arrays = 1_000_000 / seconds(lambda: simulate_one_arm(rule, 25, TRUE, 1_000_000, 1, compiled=False))
    exact = operating_characteristics(rule, 25, TRUE)
    exact_ms = min(seconds(lambda: [operating_characteristics(rule, 25, TRUE) for _ in range(100)]) for _ in range(5)) * 10
    print(f"one arm, n = 25, interim at 13: {rate / 1e6:.1f} M trials/s; without numba {arrays / 1e6:.1f} M/s")
    same("chance of success", found.stopped_high, found.stopped_high_error, peer)
    print(f"exactly: {float(exact.stopped_high):.6f}, simulated {found.stopped_high:.6f} ± {found.stopped_high_error:.6f}")
    verdict("exact answer, ms", exact_ms, EXACT_MS, below=True)
    if peer is not None:
        print(f"rpact {peer['versions'].get('rpact')}: {peer['rate']:,.0f} trials/s")
        verdict("times rpact", rate / peer["rate"], ONE_ARM_TIMES)


def survival() -> None:
    """150 an arm in 12 months, control median 12 months, hazard ratio 0.7, looks at 70, 140 and 210 events."""
    plan = SurvivalPlan(300, MEDIAN_12, RATIO * MEDIAN_12, 12.0, (70, 140, 210), O_BRIEN_FLEMING)
    simulate_survival_looks(plan, 200, 1)
    peer = run_peer("survival_three_looks_rpact")
    found = simulate_survival_looks(plan, 100_000, 1)
    rate = 20_000 / min(seconds(lambda: simulate_survival_looks(plan, 20_000, 2)) for _ in range(5))
    plain = 60 / seconds(lambda: simulate_survival_looks(plan, 60, 2, compiled=False))
    print(f"\nthree looks of survival, N = 300: {rate:,.0f} trials/s; without numba {plain:,.0f}/s")
    print(f"rejected at each look {np.round(found.rejected / found.trials, 4)}, months {np.round(found.time, 2)}", end="")
    print(f"; rpact {peer['more']['reject']}, {peer['more']['look_months']}" if peer else "")
    same("power", found.power, found.power_error, peer)
    if peer is not None:
        print(f"rpact {peer['versions'].get('rpact')}: {peer['rate']:,.0f} trials/s")
        verdict("times rpact", rate / peer["rate"], SURVIVAL_TIMES)
    verdict(f"times simtrial's published way ({SIMTRIAL_PER_S:g}/s, quoted)", rate / SIMTRIAL_PER_S, SIMTRIAL_TIMES)


def main() -> None:
    """Both trials."""
    one_arm()
    survival()


if __name__ == "__main__":
    main()
