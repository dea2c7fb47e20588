"""The titration of oracle_titration.csv, row "seed_simple", as others would write it: R and Python, loops and arrays.

python benchmarks/simulation/titration_peers.py

Each is an honest way of doing it and nothing more; each has its mean held against the exact chain before its speed counts.
What Trialwright compiles from a protocol file is measured beside them by titration_speed.py.
"""

from __future__ import annotations

import platform
import random  # noqa: TID251 - what a plain script would draw from
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
from peers import WITHIN_ERRORS, PeerRun, exact_titration, run_peer

PARTICIPANTS, WEEKS, LEVELS = 25, 12, 4
CHUNK = 2000  # trials at a time of the arrays; the quickest of 200, 2,000 and 20,000


class Person:
    """One participant of the loop in plain Python."""

    def __init__(self, response: list[float], chance: random.Random) -> None:
        self.response, self.chance, self.level, self.responded = response, chance, 0, False

    def week(self) -> None:
        """Respond and stop, or go one level up."""
        if self.chance.random() < self.response[self.level]:
            self.responded = True
        elif self.level < LEVELS - 1:
            self.level += 1


def by_objects(trials: int, seed: int) -> np.ndarray:
    """Responders of each trial, a participant and a week at a time."""
    row, chance = exact_titration(), random.Random(seed)
    responses = {one: [row[f"p_{one}{dose}"] for dose in (100, 200, 300, 400)] for one in "AB"}
    found = []
    for _ in range(trials):
        responders = 0
        for _ in range(PARTICIPANTS):
            person = Person(responses["B" if chance.random() < row["prev_B"] else "A"], chance)
            for _ in range(WEEKS):
                person.week()
                if person.responded:
                    responders += 1
                    break
        found.append(responders)
    return np.array(found)


def by_arrays(trials: int, seed: int) -> np.ndarray:
    """Responders of each trial, all participants of many trials a week at a time; only those still on drug draw."""
    row, chance = exact_titration(), np.random.default_rng(seed)  # noqa: TID251 - as above
    response = np.array([[row[f"p_{one}{dose}"] for dose in (100, 200, 300, 400)] for one in "AB"])
    found = []
    for start in range(0, trials, CHUNK):
        n = min(CHUNK, trials - start) * PARTICIPANTS
        subtype = (chance.random(n) < row["prev_B"]).astype(np.intp)
        responded, active = np.zeros(n, dtype=bool), np.arange(n)
        for week in range(WEEKS):
            level = min(week, LEVELS - 1)  # without events or drop-out everybody still on drug is at one level
            hit = chance.random(len(active)) < response[subtype[active], level]
            responded[active[hit]] = True
            active = active[~hit]
        found.append(responded.reshape(-1, PARTICIPANTS).sum(axis=1))
    return np.concatenate(found)


def measured(name: str, way: Callable[[int, int], np.ndarray], trials: int) -> PeerRun:
    """Trials a second of processor time, once the mean is what the chain says."""
    way(100, 0)
    began = time.process_time()
    responders = way(trials, 1)
    rate = trials / (time.process_time() - began)
    mean, error = float(responders.mean()), float(responders.std() / trials**0.5)
    exact = exact_titration()["E_responders_25"]
    assert abs(mean - exact) <= WITHIN_ERRORS * error, f"{name}: {mean} where {exact} is exact"
    versions = {"Python": platform.python_version(), "numpy": version("numpy")}
    return {"name": name, "rate": rate, "mean": mean, "error": error, "versions": versions, "more": {}}


def titration_peers() -> list[PeerRun]:
    """All peers that can run here, the slowest first."""
    found = [
        run_peer("titration_loop"),
        measured("python_objects", by_objects, 3_000),
        run_peer("titration_vectorised"),
        measured("numpy_arrays", by_arrays, 200_000),
    ]
    return sorted((one for one in found if one is not None), key=lambda one: one["rate"])


def main() -> None:
    """Print trials a second of processor time, and the mean beside the exact one."""
    print(f"exact mean of responders: {exact_titration()['E_responders_25']:.5f}")
    for one in titration_peers():
        versions = ", ".join(f"{key} {value}" for key, value in one["versions"].items())
        print(f"{one['name']:22}{one['rate']:>12,.0f} trials/s   mean {one['mean']:.4f} ± {one['error']:.4f}   {versions}")


if __name__ == "__main__":
    main()
