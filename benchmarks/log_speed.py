"""How fast the log is: verification against ``json.loads``, reading, sealing, appending, memory. Run it by itself.

python benchmarks/log_speed.py [ENTRIES]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trialwright.log import GENESIS, Actor, Draft, Entry, Head, JsonLinesShelf, Stamp, seal, seeded_salts, verify

START = datetime(2004, 10, 12, 8, tzinfo=UTC)
MOST = 10.0  # verifying may take this many times what json.loads takes (issue 2, "Speed")


def simulated(count: int) -> Iterator[Entry]:
    """Simulated laboratory values, one entry to a command."""
    head, salts = GENESIS, seeded_salts(1)
    for number in range(count):
        entry = laboratory(head, number)
        sealed = seal([entry[0]], entry[1], head, salts)[0]
        head = sealed.head
        yield sealed


def laboratory(after: Head, number: int) -> tuple[Draft, Stamp]:
    fields = {
        "participant": f"P{number % 25:03d}",
        "on": "2004-10-12",
        "variable": "wbc",
        "value": f"{number % 300 / 10:.1f}",
        "unit": "10*9/L",
        "encounter": "week 3",
    }
    actor = Actor("inv-1", "investigator", "Simulated site 1")
    stamp = Stamp(START + timedelta(minutes=number), actor, "rehearsal", "a" * 64, f"k{after.sequence + 1}")
    return Draft("ObservationRecorded", 1, fields), stamp


def seconds(work: Callable[[], object]) -> float:
    """Processor time, so that neighbours on the machine count less."""
    began = time.process_time()
    work()
    return time.process_time() - began


def read_json(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            json.loads(line)


def memory(work: Callable[[], object]) -> float:
    """Peak of what is allocated meanwhile, in MB."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def append_rate(folder: Path, *, durable: bool, count: int = 500) -> float:
    """Commands a second, each its own append, by the clock on the wall (the disk counts)."""
    shelf = JsonLinesShelf(folder / f"appended-{durable}.jsonl", durable=durable)
    entries = list(simulated(count))
    began = time.perf_counter()
    head = GENESIS
    for entry in entries:
        head = shelf.append([entry], head)
    return count / (time.perf_counter() - began)


def main(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        shelf = JsonLinesShelf(path, durable=False)
        entries: list[Entry] = []
        sealing = seconds(lambda: entries.extend(simulated(count)))
        writing = seconds(lambda: shelf.append(entries, GENESIS))
        head = entries[-1].head
        entries.clear()
        loads = min(seconds(lambda: read_json(path)) for _ in range(3))
        verifying = min(seconds(lambda: verify(path)) for _ in range(3))
        reading = min(seconds(lambda: sum(1 for _ in JsonLinesShelf(path).entries())) for _ in range(3))
        assert verify(path, expect_head=head).findings == ()
        ratio = verifying / loads
        print(f"{count} entries, {path.stat().st_size / 1e6:.0f} MB")
        print(f"json.loads of the file     {loads:8.2f} s")
        print(f"verify                     {verifying:8.2f} s   {ratio:.1f} times json.loads (at most {MOST:.0f})")
        print(f"read into entries          {reading:8.2f} s   {count / reading:,.0f} entries/s")
        print(f"seal                       {sealing:8.2f} s   {count / sealing:,.0f} entries/s")
        print(f"append all at once         {writing:8.2f} s   {count / writing:,.0f} entries/s")
        print(f"append one by one, durable {append_rate(Path(folder), durable=True):8,.0f} commands/s")
        print(f"append one by one, simulated {append_rate(Path(folder), durable=False):6,.0f} commands/s")
        opening = seconds(lambda: JsonLinesShelf(path).head())
        print(f"open and find the head     {opening * 1000:8.2f} ms")
        print(f"memory while verifying     {memory(lambda: verify(path)):8.1f} MB")
        print(f"memory while reading       {memory(lambda: sum(1 for _ in shelf.entries())):8.1f} MB")
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
