"""Trials per second of a titration, compiled from protocol files, beside a kernel written by hand and beside R, in one run.

    .venv/bin/python benchmarks/simulation/titration_speed.py [TRIALS]

CPU time, the best of three. Models:

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


def best(of: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """The least time of three, after one that does not count; CPU time unless another clock is given."""
    of()
    times = []
    for _ in range(3):
        start = clock()
        of()
        times.append(clock() - start)
    return min(times)


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


def main() -> None:
    """Measure and print."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, numba {version('numba')}; {os.cpu_count()} processors")
    counts = np.zeros(26, np.int64), np.zeros(12, np.int64), np.zeros(4, np.int64)
    hand = trials / best(lambda: by_hand(trials, CHANCES, 0.6, *counts))
    lanes, out = np.zeros((2, 256), np.uint32), np.zeros((4, 256), np.uint32)
    words = 4 * 256 * 20_000 / best(lambda: draw_only(20_000, lanes, key_words(1), out))
    models = {
        "response only": (SEED_TRIAL, Path(__file__).with_name("seed_response_only.yaml"), 1),
        "toxicity, holds, drop-out": (SEED_TRIAL, Path(__file__).with_name("seed_toxicity.yaml"), 8),
        "events, one level down": (ORACLE, ORACLE / "operating.yaml", 4),
        "the whole file": (SEED_TRIAL, SEED_TRIAL / "operating.yaml", 16),
    }
    designs = {name: compiled(folder / "protocol.yaml", chances) for name, (folder, chances, _) in models.items()}
    rates = {}
    for name, design in designs.items():
        part, numbers = range(trials // models[name][2]), design.parameters()
        rates[name] = len(part) / best(lambda design=design, part=part, numbers=numbers: run(design, 1, part, numbers))
    print(f"{'words of Philox drawn and stored':36}{words / 1e6:10,.0f} M/s")
    print(f"{'response only, by hand':36}{hand:12,.0f} trials/s")
    for name, rate in rates.items():
        drawn = words_of(designs[name]) * rate / words
        print(f"{name + ', compiled':36}{rate:12,.0f} trials/s   draws {drawn:.0%} of what the generator alone gives")
    peers = {one["name"]: one for one in titration_peers()}
    for one in peers.values():
        names = ", ".join(f"{key} {value}" for key, value in one["versions"].items())
        print(f"{'response only, ' + one['name']:36}{one['rate']:12,.0f} trials/s   {names}")
    told("response only, compiled", rates["response only"] / 1e6, 1, "M trials/s")
    told("response only, of the hand-written", rates["response only"] / hand, 0.5, "×")
    if "titration_vectorised" in peers:
        told("response only, of vectorised R", rates["response only"] / peers["titration_vectorised"]["rate"], 8, "×")
    told("toxicity, holds, drop-out", rates["toxicity, holds, drop-out"] / 1e6, 0.15, "M trials/s")
    told("the whole file", rates["the whole file"] / 1e6, 0.15, "M trials/s")
    design = designs["the whole file"]
    numbers, many = design.parameters(), range(trials // 2)
    one, two = (
        best(lambda threads=threads: run(design, 1, many, numbers, threads=threads), time.perf_counter) for threads in (1, 2)
    )
    told("two threads, wall time", one / two, 1.85, "×")
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
