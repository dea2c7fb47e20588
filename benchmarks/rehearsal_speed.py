"""How fast the seed trial is rehearsed, in full and many trials at once. Run it by itself.

python benchmarks/rehearsal_speed.py [TRIALS]
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from trialwright.log import MemoryShelf
from trialwright.protocol import read_protocol
from trialwright.simulation import Rehearsal, read_virtual, rehearse, rehearse_many

SEED = Path(__file__).parents[1] / "trials/nilg-hes1-03"
WANTED_S = 5.0  # rehearsal of the seed (issue 2, "Speed")
COUNTED = 5_000_000


def seconds(work: Callable[[], object]) -> float:
    """Processor time, so that neighbours on the machine count less."""
    began = time.process_time()
    work()
    return time.process_time() - began


def count() -> int:
    """A plain loop, to tell how fast the machine is just now."""
    total = 0
    for number in range(COUNTED):
        total += number & 3
    return total


def main() -> None:
    """Print seconds, the ratio to what is wanted, entries a second, trials a second and memory."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    protocol, people = read_protocol(SEED / "protocol.yaml").protocol, read_virtual(SEED / "virtual.yaml").virtual
    assert protocol is not None and people is not None
    done: list[Rehearsal] = []
    loop = seconds(count)
    full = seconds(lambda: done.append(rehearse(protocol, people, people.demonstration.seed, MemoryShelf())))
    many = seconds(lambda: rehearse_many(protocol, people, trials))
    entries = done[0].head.sequence + 1
    print(f"machine: {COUNTED:,} turns of a plain loop in {loop:.2f} s")
    print(f"rehearsal of the seed: {full:.2f} s, {full / WANTED_S:.2f} of what is allowed; {entries / full:,.0f} entries/s")
    print(f"many trials at once: {trials / many:,.0f} trials/s, {full * trials / many:,.0f} times a full rehearsal each")
    tracemalloc.start()
    rehearse_many(protocol, people, trials)
    print(f"memory of many trials: {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB at most")


if __name__ == "__main__":
    main()
