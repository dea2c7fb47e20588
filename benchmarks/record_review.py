"""How fast plain records are read and reviewed. Run it by itself.

python benchmarks/record_review.py [FOLDER OR ARCHIVE OF RECORDS]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from trialwright.exchange.ctgov import Kept, iterate_records
from trialwright.review.record import review_record

FIXTURES = Path(__file__).parents[1] / "tests/fixtures/registry"
WANTED = 200.0  # records a second on one core (issue 2, "check")


def main() -> None:
    """Print records a second for reading, for review and for both, on one core."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES
    start = time.process_time()
    kept = [item for item in iterate_records(path) if isinstance(item, Kept)]
    read = time.process_time()
    found = sum(len(review_record(item.record, item.file)) for item in kept)
    reviewed = time.process_time()
    for what, seconds in (("read", read - start), ("reviewed", reviewed - read), ("both", reviewed - start)):
        print(f"{what:>8}: {len(kept) / seconds:7.0f} records/s")
    rate = len(kept) / (reviewed - start)
    print(f"{len(kept)} records, {found} findings; wanted {WANTED:.0f} records/s, ratio {rate / WANTED:.2f}")


if __name__ == "__main__":
    main()
