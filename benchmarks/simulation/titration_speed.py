"""Trials per second of a titration, compiled from protocol files, beside a kernel written by hand for that one model.

    .venv/bin/python benchmarks/simulation/titration_speed.py [TRIALS]

CPU time, the best of three, all in one run. Models:

- "response only": the seed's protocol with `seed_response_only.yaml` (25 participants, 12 weeks, two subtypes); the hand-written
  kernel plays the same model with a small generator of its own and counts responders, doses and weeks;
- "events, drop-out": `trials/oracle-titration` with its file (response, event → one level down, drop-out);
- "laboratory": the seed's protocol with `operating.yaml` (four drawn laboratory values, four kinds of events, holds, missing
  values, missed visits, drop-out, accrual).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit, uint64

from trialwright.protocol import read_protocol
from trialwright.simulation.operating.reading import read_operating
from trialwright.simulation.operating.run import compile_design, run
from trialwright.simulation.philox import round_keys
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


def best(of: Callable[[], object]) -> float:
    """The least CPU time of three."""
    of()
    times = []
    for _ in range(3):
        start = time.process_time()
        of()
        times.append(time.process_time() - start)
    return min(times)


def compiled_rate(protocol: Path, chances: Path, trials: int) -> float:
    """Trials per second of CPU time."""
    read = read_protocol(protocol).protocol
    assert read is not None
    compiled = compile_design(read, read_operating(chances))
    numbers = compiled.parameters()
    return trials / best(lambda: run(compiled, 1, range(trials), numbers))


def main() -> None:
    """Measure and print."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    counts = np.zeros(26, np.int64), np.zeros(12, np.int64), np.zeros(4, np.int64)
    hand = trials / best(lambda: by_hand(trials, CHANCES, 0.6, *counts))
    lanes, out = np.zeros((2, 256), np.uint32), np.zeros((4, 256), np.uint32)
    words = 4 * 256 * 20_000 / best(lambda: draw_only(20_000, lanes, round_keys(1), out))
    simple = compiled_rate(SEED_TRIAL / "protocol.yaml", Path(__file__).with_name("seed_response_only.yaml"), trials)
    events = compiled_rate(ORACLE / "protocol.yaml", ORACLE / "operating.yaml", trials // 2)
    laboratory = compiled_rate(SEED_TRIAL / "protocol.yaml", SEED_TRIAL / "operating.yaml", trials // 16)
    print(f"words of Philox drawn and stored      {words / 1e6:8.0f} M/s")
    print(f"response only, by hand                {hand / 1e6:8.3f} M trials/s")
    print(f"response only, compiled               {simple / 1e6:8.3f} M trials/s, {simple / hand:.0%} of the hand-written")
    print(f"  words drawn: {simple * 400 / words:.0%} of what the generator alone gives")
    print(f"events and drop-out, compiled         {events / 1e6:8.3f} M trials/s")
    print(f"laboratory, holds, all the rest       {laboratory / 1e6:8.3f} M trials/s")


if __name__ == "__main__":
    main()
