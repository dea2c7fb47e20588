"""How long `trialwright check` takes on a protocol, process start included, and how much memory. Run it by itself.

python benchmarks/check_speed.py [PROTOCOL]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

SEED = Path(__file__).parents[1] / "trials" / "nilg-hes1-03" / "protocol.yaml"
WANTED_SECONDS = 2.0  # issue 2, "Speed": the whole process, exhaustive exploration included
RUNS = 5


def main() -> None:
    """Print the best of a few runs, wall and processor time, and the most memory that one held."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SEED
    command = [str(Path(sys.executable).with_name("trialwright")), "check", str(path), "--format", "json"]
    walls, processor = [], []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"check of {path.parent.name}: {min(walls):.2f} s wall, {min(processor):.2f} s processor, {memory:.0f} MB")
    print(f"wanted {WANTED_SECONDS:.1f} s, ratio {min(walls) / WANTED_SECONDS:.2f} (below 1 is faster)")


if __name__ == "__main__":
    main()
