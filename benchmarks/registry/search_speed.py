"""How quick the search is, against bare tantivy and SQLite FTS5 over the same studies in one run.

python benchmarks/registry/search_speed.py [--studies 10000] [--rounds 15] [--folder DIR] [--no-sqlite] [--json FILE]

Run it by itself on a quiet machine. The studies are the bundled real ones and synthetic ones (``synthetic.py``).
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bare import Bare
from corpus import changed, records, write_corpus
from fts import Fts
from questions import QUESTIONS, Question, rewriter

from trialwright.exchange.ctgov.collect import collect
from trialwright.registry.address import Address
from trialwright.registry.catalogue import Catalogue
from trialwright.registry.index import IndexWriter, Request, Stored
from trialwright.registry.index.document import document
from trialwright.registry.index.writer import open_index
from trialwright.registry.record import Record

HEAP_BYTES, THREADS = 256_000_000, 2
UPDATES = 1_000
MOST_INDEXED_ALONE = 20_000  # studies; a larger index is built once, as an import
ON = datetime(2026, 1, 1, tzinfo=UTC)


class Ours:
    """A home's catalogue, filled as an import fills it."""

    def __init__(self, home: Path) -> None:
        self.catalogue = Catalogue(home / "registry")

    def take(self, corpus: Path) -> None:
        """Import a file and wait until a reader sees it, folder synced and merging done."""
        tally = collect(self.catalogue, [corpus], ON)
        assert tally.refused == 0 and tally.new + tally.changed == tally.read, tally
        self.open()

    def open(self) -> None:
        edition = self.catalogue.edition()
        self.index, self.packs = edition.index, edition.packs

    def page(self, request: Request) -> bytes:
        """The first page as JSON."""
        found = self.index.find(request)
        facets = {name: {one.value: one.count for one in values} for name, values in found.facets.items()}
        texts = [self.packs.read(hit.address) for hit in found.hits]
        head = json.dumps({"totalCount": found.total, "facets": facets}).encode()
        return head[:-1] + b',"studies":[' + b",".join(texts) + b"]}"


CLOCK = [time.perf_counter]


def timed(work: Callable[[], object]) -> float:
    start = CLOCK[0]()
    work()
    return CLOCK[0]() - start


def size_mb(path: Path) -> float:
    return (
        sum(each.stat().st_size for each in path.rglob("*") if each.is_file()) / 1e6
        if path.is_dir()
        else path.stat().st_size / 1e6
    )


def memory_mb() -> float:
    """Resident memory of this process, file pages included."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return next(float(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def milliseconds(work: Callable[[Question], object], rounds: int) -> dict[str, list[float]]:
    """Times of every question in every round; the first round only warms up."""
    times: dict[str, list[float]] = {question.name: [] for question in QUESTIONS}
    for at in range(rounds + 1):
        for question in QUESTIONS:
            took = timed(lambda: work(question)) * 1e3  # noqa: B023 - called at once
            if at:
                times[question.name].append(took)
    return times


def quantiles(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def main() -> None:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--no-sqlite", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--processor-time", action="store_true", help="for a machine with neighbours; builds count both cores")
    given = parser.parse_args()
    if given.processor_time:
        CLOCK[0] = time.process_time
    folder = given.folder or Path(tempfile.mkdtemp(prefix="trialwright-speed-"))
    try:
        result = measure(folder, given.studies, given.rounds, sqlite=not given.no_sqlite)
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(table(result))
    if given.json:
        given.json.write_text(json.dumps(result, indent=1))


def measure(folder: Path, count: int, rounds: int, *, sqlite: bool) -> dict[str, Any]:
    """Build what is not there yet, then ask every question of every engine."""
    ours, bare, fts = Ours(folder / "home"), Bare(folder / "bare"), Fts(folder / "fts.db") if sqlite else None
    corpus = write_corpus(folder / "studies.ndjson", count)
    built = build(folder, corpus, ours, bare, fts)
    ours.open()
    bare.open()
    rewriters = {question.name: rewriter(ours.index.find(question.ours(True)).expanded) for question in QUESTIONS}
    result: dict[str, Any] = {"studies": count, "built": built, "rounds": rounds}
    before = memory_mb()
    result["ours"] = milliseconds(lambda question: ours.page(question.ours(False)), rounds)
    result["ours, other names"] = milliseconds(lambda question: ours.page(question.ours(True)), rounds)
    result["memory_mb"] = memory_mb()
    result["memory_before_mb"] = before
    result["bare"] = milliseconds(lambda question: question.bare(bare, lambda text: text), rounds)
    result["bare, other names"] = milliseconds(lambda question: question.bare(bare, rewriters[question.name]), rounds)
    if fts:
        result["fts"] = milliseconds(lambda question: question.fts(fts), max(1, rounds // 5))
    turn = len(ours.catalogue.edition().manifest.packs)  # so that a folder can be measured again
    update = folder / "changed.ndjson"
    update.write_bytes(b"".join(changed(corpus, min(UPDATES, count // 2), turn)))
    result["update_s"] = timed(lambda: ours.take(update))
    return result


def build(folder: Path, corpus: Path, ours: Ours, bare: Bare, fts: Fts | None) -> dict[str, float]:
    """Seconds and megabytes of each build; read from the folder where it was built before. Ours is a whole import."""
    kept = folder / "built.json"
    built: dict[str, float] = json.loads(kept.read_text()) if kept.exists() else {}
    if "bare_s" not in built:
        built["corpus_mb"] = size_mb(corpus)
        built["ours_s"] = timed(lambda: ours.take(corpus))
        if ours.index.count <= MOST_INDEXED_ALONE:
            built["index_s"] = timed(lambda: index_alone(folder / "alone", corpus))
            prepared = [document(Record(raw), stored_at(number, text))[0] for number, (raw, text) in enumerate(records(corpus))]
            built["same_s"] = timed(lambda: add_prepared(folder / "same", prepared))
        built["bare_s"] = timed(lambda: bare.build(records(corpus), HEAP_BYTES, THREADS))
        built["bare_mb"], home = size_mb(folder / "bare"), ours.catalogue.edition().sizes_bytes()
        built["ours_mb"], built["packs_mb"] = home["index"] / 1e6, home["packs"] / 1e6
    if fts and "fts_s" not in built:
        built["fts_s"] = timed(lambda: fts.build(records(corpus)))
        built["fts_mb"] = size_mb(folder / "fts.db")
    kept.write_text(json.dumps(built))
    return built


def index_alone(folder: Path, corpus: Path) -> None:
    """What bare tantivy does, by our writer: read, make documents, index. No pack, no digest, no history."""
    writer = IndexWriter(folder, THREADS, HEAP_BYTES)
    for number, (raw, text) in enumerate(records(corpus)):
        writer.add(Record(raw), stored_at(number, text))
    writer.commit()
    writer.close()


def stored_at(number: int, text: bytes) -> Stored:
    """What an index keeps of a study, made up."""
    return Stored(f"{number}", Address(1, number, len(text)), digest=bytes(16))


def add_prepared(folder: Path, prepared: list[str]) -> None:
    """Tantivy's own loop over the very documents that ours makes."""
    folder.mkdir(parents=True)
    writer = open_index(folder).writer(HEAP_BYTES, THREADS)
    for text in prepared:
        writer.add_json(text)
    writer.commit()
    writer.wait_merging_threads()


def table(result: dict[str, Any]) -> str:
    """The measurements as Markdown."""
    engines = [name for name in ("ours", "ours, other names", "bare", "bare, other names", "fts") if name in result]
    lines = [
        f"| {result['studies']:,} studies, ms p50/p95 | " + " | ".join(engines) + " | ours/bare p50 |",
        "|---" * (len(engines) + 2) + "|",
    ]
    for question in QUESTIONS:
        cells = ["{:.1f}/{:.1f}".format(*quantiles(result[name][question.name])) for name in engines]
        ratio = quantiles(result["ours"][question.name])[0] / quantiles(result["bare"][question.name])[0]
        lines.append(f"| {question.name} | " + " | ".join(cells) + f" | {ratio:.1f} |")
    whole = {name: quantiles([each for times in result[name].values() for each in times]) for name in engines}
    lines.append("| **all** | " + " | ".join("**{:.1f}/{:.1f}**".format(*whole[name]) for name in engines) + " | |")
    built = result["built"]
    ratios = [
        f"ours to bare: p50 {whole['ours'][0] / whole['bare'][0]:.2f}, p95 {whole['ours'][1] / whole['bare'][1]:.2f}; "
        f"with other names: p50 {whole['ours, other names'][0] / whole['bare, other names'][0]:.2f}, "
        f"p95 {whole['ours, other names'][1] / whole['bare, other names'][1]:.2f} (wanted: at most 2)",
        f"whole import: {result['studies'] / built['ours_s']:,.0f} studies/s; bare build: "
        f"{result['studies'] / built['bare_s']:,.0f}, ratio {built['bare_s'] / built['ours_s']:.2f}",
        f"size: ours {built['ours_mb']:,.0f} MB and packs {built['packs_mb']:,.0f} MB, "
        f"bare {built['bare_mb']:,.0f} MB with records",
        f"memory while searching: {result['memory_mb']:,.0f} MB",
        f"{UPDATES:,} updates visible in {result['update_s']:.2f} s (wanted: 2)",
    ]
    if "index_s" in built:
        same, bare = (built[name] / built["index_s"] for name in ("same_s", "bare_s"))
        ratios.append(
            f"index alone, to tantivy's loop over the same documents: {same:.2f} (wanted: at least 0.5); to bare: {bare:.2f}"
        )
    if "fts" in whole:
        p50, p95 = (whole["fts"][at] / whole["ours"][at] for at in (0, 1))
        ratios.append(f"SQLite FTS5 to ours: p50 {p50:.1f}, p95 {p95:.1f} (wanted: at least 10)")
    return "\n".join([*lines, "", *(f"- {line}" for line in ratios)])


if __name__ == "__main__":
    sys.exit(main())
