"""How long a study page takes: the seed, every fixture record, and with a folder given every record of a corpus.

    python benchmarks/study_page.py [FOLDER_WITH_studies_v2.jsonl]

Times are of the processor, so that other programs on the machine do not count. The target is a median of at most 20 ms;
the ratio printed is the median over the target, so below 1 is good.
"""

import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from trialwright.registry.record import Record
from trialwright.report.study_page import PageExtras, render_study_page

ROOT = Path(__file__).parent.parent
TARGET_MS = 20.0
EXTRAS = PageExtras(processed_on=date(2026, 11, 22))


def timed_ms(record: Record) -> float:
    started = time.process_time()
    render_study_page(record, EXTRAS)
    return (time.process_time() - started) * 1e3


def report(name: str, records: Iterable[Record]) -> None:
    taken = sorted(timed_ms(record) for record in records)
    median_ms = statistics.median(taken)
    ninth_ms = taken[int(0.9 * (len(taken) - 1))]
    print(
        f"{name}: {len(taken)} pages, median {median_ms:.1f} ms ({median_ms / TARGET_MS:.2f} of the target), "
        f"nine in ten within {ninth_ms:.1f} ms, slowest {taken[-1]:.1f} ms"
    )


def main() -> None:
    seed = Record(json.loads((ROOT / "trials/nilg-hes1-03/record/NCT00787384.v2.json").read_text()))
    print(f"first page of a fresh start: {timed_ms(seed):.0f} ms")
    report("seed", [seed] * 50)
    fixtures = sorted((ROOT / "tests/fixtures/registry/v2").glob("*.json"))
    report("fixture records", [Record(json.loads(path.read_text())) for path in fixtures])
    if len(sys.argv) > 1:
        with (Path(sys.argv[1]) / "studies_v2.jsonl").open() as lines:
            report("corpus", [Record(json.loads(line)) for line in lines])
    tracemalloc.start()
    timed_ms(seed)
    print(f"memory at the peak of the seed's page: {tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
