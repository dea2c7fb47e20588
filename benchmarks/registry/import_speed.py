"""How fast records come in: read, checked, digested and packed on one core (indexing apart), and how soon changes are seen.

The records are synthetic and say so; their length and words are those of real ones.

python benchmarks/registry/import_speed.py [--studies 5000] [--changed 1000] [--home FOLDER]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from corpus import changed, write_corpus

from trialwright.exchange.ctgov import Kept, iterate_records
from trialwright.exchange.ctgov.collect import collect
from trialwright.registry.catalogue import Catalogue, key_of
from trialwright.registry.catalogue.packs import PackWriter

WANTED_RECORDS_A_SECOND = 3_000.0  # on one core, indexing apart (issue 3, "Speed and size")
WANTED_SECONDS = 2.0  # until 1,000 changed records are seen
ON = datetime(2026, 1, 1, tzinfo=UTC)


def read_only(path: Path) -> tuple[int, float]:
    """Records read, parsed and checked, and processor seconds."""
    start = time.process_time()
    count = sum(isinstance(item, Kept) for item in iterate_records(path))
    return count, time.process_time() - start


def read_and_pack(path: Path, folder: Path) -> tuple[int, float]:
    """Everything that an import does to a record but indexing: records, and processor seconds."""
    start, count = time.process_time(), 0
    with PackWriter(folder, 1) as pack:
        for item in iterate_records(path):
            assert isinstance(item, Kept) and item.text is not None and key_of(item.record)
            hashlib.sha256(item.text).digest()
            pack.append(item.text)
            count += 1
        pack.sync()
    return count, time.process_time() - start


def seconds_until_seen(catalogue: Catalogue, path: Path, key: str) -> tuple[float, float]:
    """Import a file of changes and look one of them up in the new edition: seconds, and processor seconds."""
    start, busy = time.perf_counter(), time.process_time()
    tally = collect(catalogue, [path], ON)
    record = catalogue.edition().record(key)
    seconds, used = time.perf_counter() - start, time.process_time() - busy
    assert tally.changed == tally.read and record is not None and "synthetic change" in (record.why_stopped or "")
    return seconds, used


def main() -> None:
    """Print a table of rates."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--studies", type=int, default=5_000)
    asked.add_argument("--changed", type=int, default=1_000)
    asked.add_argument("--home", type=Path, help="keep the catalogue here")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = write_corpus(folder / "studies.ndjson", given.studies)
        megabytes = source.stat().st_size / 1e6
        count, seconds = read_only(source)
        rate = count / seconds
        packed, packed_seconds = read_and_pack(source, folder / "packs")
        print(f"{count:,} studies, real and synthetic, of {1000 * megabytes / count:.1f} KB")
        print(f"| read, parsed, checked | {rate:,.0f} records/s/core, {megabytes / seconds:.0f} MB/s "
              f"| wanted {WANTED_RECORDS_A_SECOND:,.0f}: {rate / WANTED_RECORDS_A_SECOND:.2f} |")  # fmt: skip
        print(f"| and digested and packed | {packed / packed_seconds:,.0f} records/s/core |")
        catalogue = Catalogue((given.home or folder) / "registry")
        start, busy = time.perf_counter(), time.process_time()
        collect(catalogue, [source], ON)
        whole, used = time.perf_counter() - start, time.process_time() - busy
        print(f"| the whole import, indexed | {count / whole:,.0f} records/s ({count / used:,.0f} a second of processor) |")
        start = time.perf_counter()
        tally = collect(catalogue, [source], ON)
        print(f"| again, nothing new | {tally.unchanged / (time.perf_counter() - start):,.0f} records/s |")
        for turn in (1, 2, 3):
            some, studies = folder / f"changed{turn}.ndjson", list(changed(source, given.changed, turn))
            some.write_bytes(b"".join(studies))
            took, used = seconds_until_seen(catalogue, some, key_of_line(studies[0]))
            told = f"{took:.2f} s ({used:.2f} s of processor) | wanted {WANTED_SECONDS}: {WANTED_SECONDS / took:.2f}"
            print(f"| {given.changed:,} changed records seen after | {told} |")


def key_of_line(line: bytes) -> str:
    """The NCT number of a study."""
    return str(json.loads(line)["protocolSection"]["identificationModule"]["nctId"])


if __name__ == "__main__":
    main()
