"""Trials per second of a titration, compiled from protocol files, beside a kernel written by hand and beside R, in one run.

    .venv/bin/python benchmarks/simulation/titration_speed.py [ROUNDS]

CPU time. Everything takes short turns, and the best turn of each is compared: on a machine whose cores are shared with others,
a neighbour halves all speeds for seconds or minutes. The median is told as well. Models:

- "response only": the seed's protocol with `seed_response_only.yaml` (25 participants, 12 weeks, two subtypes); the hand-written
  kernel plays the same model with a small generator of its own and counts responders, doses and weeks; R plays it too;
- "toxicity, holds, drop-out": the seed's protocol with `seed_toxicity.yaml` (response, four kinds of events, holds and stops of
  the protocol's rules, declined increases, drop-out, accrual by site; laboratory values are normal and not drawn);
- "events, one level down": `trials/oracle-titration` with its file (response, event → one level down, drop-out);
- "the whole file": the seed's protocol with its `operating.yaml` (all that, and four drawn laboratory values, missing values,
  missed visits).
"""

from __future__ import annotations

import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numba import njit, uint64
from titration_peers import titration_peers

from trialwright.protocol import read_protocol
from trialwright.simulation.operating.chance import room
from trialwright.simulation.operating.kernel.loading import FOLDER
from trialwright.simulation.operating.kernel.response_only import applies
from trialwright.simulation.operating.reading import read_operating
from trialwright.simulation.operating.run import Compiled, compile_design, run
from trialwright.simulation.philox import key_words
from trialwright.simulation.philox_compiled import fill_words

ROOT = Path(__file__).parents[2]
SEED_TRIAL, ORACLE = ROOT / "trials" / "nilg-hes1-03", ROOT / "trials" / "oracle-titration"
WORDS, HAND = "words of Philox drawn and stored", "response only, by hand"
FEW, TOXICITY, WHOLE = "response only", "toxicity, holds, drop-out", "the whole file"
MODELS = {  # the trial, its chances, and how many trials a turn plays
    FEW: (SEED_TRIAL, Path(__file__).with_name("seed_response_only.yaml"), 50_000),
    TOXICITY: (SEED_TRIAL, Path(__file__).with_name("seed_toxicity.yaml"), 6_000),
    "events, one level down": (ORACLE, ORACLE / "operating.yaml", 15_000),
    WHOLE: (SEED_TRIAL, SEED_TRIAL / "operating.yaml", 3_000),
}
CHANCES = np.array([[0.02, 0.05, 0.09, 0.13], [0.01, 0.02, 0.035, 0.05]])


@njit(nogil=True)  # type: ignore[untyped-decorator]
def by_hand(trials, chances, share, responders, weeks, doses):  # type: ignore[no-untyped-def]
    """The response-only titration, written for this model alone, on xoroshiro128+ (Blackman and Vigna 2018)."""
    s0, s1 = uint64(0x9E3779B97F4A7C15), uint64(0xD1B54A32D192ED03)
    scale = 2.0**-53
    for _ in range(trials):
        seen = 0
        for _ in range(25):
            drawn = s0 + s1
            s1 ^= s0
            s0 = ((s0 << uint64(24)) | (s0 >> uint64(40))) ^ s1 ^ (s1 << uint64(16))
            s1 = (s1 << uint64(37)) | (s1 >> uint64(27))
            sort = 0 if float(drawn >> uint64(11)) * scale < share else 1
            for week in range(12):
                level = min(week, 3)
                drawn = s0 + s1
                s1 ^= s0
                s0 = ((s0 << uint64(24)) | (s0 >> uint64(40))) ^ s1 ^ (s1 << uint64(16))
                s1 = (s1 << uint64(37)) | (s1 >> uint64(27))
                if float(drawn >> uint64(11)) * scale < chances[sort, level]:
                    seen += 1
                    weeks[week] += 1
                    doses[level] += 1
                    break
        responders[seen] += 1


@njit(nogil=True)  # type: ignore[untyped-decorator]
def draw_only(blocks, lanes, keys, out):  # type: ignore[no-untyped-def]
    """The limit: words of Philox, and nothing done with them."""
    for block in range(blocks):
        fill_words(lanes, block, 7, keys, out)


class Turns:
    """Rates of several works that take turns, so that a neighbour on the same core, who comes and goes, slows all of them."""

    def __init__(self) -> None:
        self.rates: dict[str, list[float]] = {}

    def take(self, name: str, size: float, of: Callable[[], object], clock: Callable[[], float] = time.process_time) -> None:
        """Do a work of some size, and note its rate; CPU time unless another clock is given."""
        start = clock()
        of()
        self.note(name, size / (clock() - start))

    def note(self, name: str, rate: float) -> None:
        """Note a rate that was measured elsewhere."""
        self.rates.setdefault(name, []).append(rate)

    def best(self, name: str) -> float:
        """The best of a work's turns."""
        return max(self.rates[name])

    def told(self, name: str) -> str:
        """The best, and the median in brackets."""
        return f"{name:36}{self.best(name):14,.0f} a second (median {np.median(self.rates[name]):,.0f})"


def compiled(protocol: Path, chances: Path) -> Compiled:
    """A design with its kernel."""
    read = read_protocol(protocol).protocol
    assert read is not None
    return compile_design(read, read_operating(chances))


def first_calls(folder: str) -> tuple[float, float]:
    """Seconds of wall time until the whole seed has a first result: compiled anew, and found in the cache (new processes)."""
    code = """
import sys, time
sys.path.insert(0, sys.argv[1])
import titration_speed as asked
from trialwright.simulation.operating.run import run
design = asked.compiled(asked.SEED_TRIAL / "protocol.yaml", asked.SEED_TRIAL / "operating.yaml")
numbers, start = design.parameters(), time.perf_counter()
run(design, 1, range(10), numbers)
print(time.perf_counter() - start)
"""
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    environment = {**os.environ, FOLDER: folder}
    times = [float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout) for _ in range(2)]
    return times[0], times[1]


def told(line: str, measured: float, least: float, unit: str, most: bool = False) -> None:
    """Print one line of the issue with what was measured."""
    met = measured <= least if most else measured >= least
    print(f"{'met    ' if met else 'NOT MET'} {line}: {measured:.3g} {unit}, wanted at {'most' if most else 'least'} {least:g}")


def take_turns(rounds: int, designs: dict[str, Compiled], turns: Turns) -> dict[str, str]:
    """Let everything take its turn, the programs of others in every fourth round; return the versions of these."""
    counts = np.zeros(26, np.int64), np.zeros(12, np.int64), np.zeros(4, np.int64)
    lanes, out, peers = np.zeros((2, 256), np.uint32), np.zeros((4, 256), np.uint32), {}
    works: dict[str, tuple[int, Callable[[], object]]] = {
        WORDS: (4 * 256 * 2_000, lambda: draw_only(2_000, lanes, key_words(1), out)),
        HAND: (100_000, lambda: by_hand(100_000, CHANCES, 0.6, *counts)),
    }
    for name, design in designs.items():
        part, numbers = range(MODELS[name][2]), design.parameters()
        works[name] = len(part), partial(run, design, 1, part, numbers)
    whole = designs[WHOLE]
    many, numbers = range(8 * MODELS[WHOLE][2]), whole.parameters()
    for _, work in works.values():
        work()  # compiles, or finds what was compiled
    for turn in range(rounds):
        for name, (size, work) in works.items():
            turns.take(name, size, work)
        for threads in (1, 2):
            turns.take(f"{threads} threads", len(many), partial(run, whole, 1, many, numbers, threads=threads), time.perf_counter)
        for one in titration_peers() if turn % 4 == 0 else ():
            turns.note(one["name"], one["rate"])
            peers[one["name"]] = ", ".join(f"{key} {value}" for key, value in one["versions"].items())
    return peers


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, numba {version('numba')}; {os.cpu_count()} processors")
    designs = {name: compiled(folder / "protocol.yaml", chances) for name, (folder, chances, _) in MODELS.items()}
    turns = Turns()
    peers = take_turns(rounds, designs, turns)
    print(turns.told(WORDS))
    print(turns.told(HAND))
    for name, design in designs.items():
        share = words_of(design) * turns.best(name) / turns.best(WORDS)
        print(f"{turns.told(name)}   draws {share:.0%} of what the generator alone gives")
    for name, versions in peers.items():
        print(f"{turns.told(name)}   response only; {versions}")
    told("response only, compiled", turns.best(FEW) / 1e6, 1, "M trials/s")
    told("response only, of the hand-written", turns.best(FEW) / turns.best(HAND), 0.5, "×")
    if "titration_vectorised" in peers:
        told("response only, of vectorised R", turns.best(FEW) / turns.best("titration_vectorised"), 8, "×")
    told("toxicity, holds, drop-out", turns.best(TOXICITY) / 1e6, 0.15, "M trials/s")
    told("the whole file", turns.best(WHOLE) / 1e6, 0.15, "M trials/s")
    told("two threads, wall time", turns.best("2 threads") / turns.best("1 threads"), 1.85, "×")
    with tempfile.TemporaryDirectory() as folder:
        anew, again = first_calls(folder)
    told("the whole file, first result when compiled anew", anew, 10, "s", most=True)
    told("the whole file, first result from the cache", again, 1, "s", most=True)
    told("memory at its largest", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 500, "MB", most=True)


def words_of(design: Compiled) -> int:
    """Words that a kernel draws for one trial beforehand."""
    assert design.kernel is not None
    numbers = design.parameters()
    if applies(design.design, numbers):
        blocks = -(-len(design.design.visits.on) * room(design.design) // 16) + -(-len(design.design.traits) // 4)
        return 4 * (blocks + bool(design.design.sites)) * numbers.participants
    found = re.search(r"^ROWS = (\d+)$", design.kernel.written(numbers).source, re.MULTILINE)
    assert found is not None
    return int(found[1]) * numbers.participants


if __name__ == "__main__":
    main()
