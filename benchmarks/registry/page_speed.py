"""How fast whole pages of the portal come through HTTP: one reader's p50 and p95, and pages a second by several processes.

Twenty searches of the kinds that people make, each page with its filters and counts. Every round asks each of them once;
the first round is left out. Synthetic studies say so, and have the length and words of real ones.

python benchmarks/registry/page_speed.py [--home FOLDER] [--studies 10000] [--rounds 15] [--processes 2] [--seconds 20]
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from corpus import write_corpus

from trialwright.exchange.ctgov.collect import collect
from trialwright.registry.catalogue import Catalogue

WANTED_P95_MS = 100.0  # one user, 500,000 studies, two quiet cores (issue 3, "Speed and size")
WANTED_PAGES_A_SECOND = 100.0  # two processes
WANTED_MB = 1_500.0  # of one process
PAGES = (
    "/search/",
    "/search/?q=imatinib",
    "/search/?q=lung+cancer",
    "/search/?q=breast+cancer&view=table",
    "/search/?q=imatinib+near+Bergamo",
    "/search/?q=recruiting+lung+cancer+in+Italy",
    "/search/?q=diabetes&aggFilters=status:rec",
    "/search/?q=asthma&aggFilters=status:com&aggFilters=phase:2",
    "/search/?q=pain&country=Italy",
    "/search/?q=depression&age=15&sex=f",
    "/search/?q=%22heart+failure%22",
    "/search/?q=AREA%5BPhase%5DPHASE3+AND+cancer",
    "/search/?query.cond=leukemia&query.intr=imatinib",
    "/search/?near=Boston&radius=100",
    "/search/?q=cancer&near=Milan&radius=200&sort=@distance",
    "/search/?q=cancer&sort=LastUpdatePostDate:desc",
    "/search/?q=stroke&page=3",
    "/it/search/?q=diabete+in+Italia",
    "/search/?aggFilters=results:with",
    "/search/?country=France&aggFilters=status:rec",
)


def built(home: Path, count: int) -> None:
    """A home whose registry holds that many studies."""
    catalogue = Catalogue(home / "registry")
    if catalogue.edition().count < count:
        collect(catalogue, [write_corpus(home / "studies.ndjson", count)], datetime(2026, 1, 1, tzinfo=UTC))


@contextmanager
def served(home: Path) -> Iterator[tuple[int, int]]:
    """A server in a process of its own: its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "trialwright.web", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        for _ in range(600):
            try:
                asked(port, "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def asked(port: int, page: str, connection: HTTPConnection | None = None) -> float:
    """Milliseconds until the whole page is there."""
    line = connection or HTTPConnection("127.0.0.1", port, timeout=120)
    start = time.perf_counter()
    line.request("GET", page, headers={"Host": "localhost"})
    answer = line.getresponse()
    body = answer.read()
    taken = (time.perf_counter() - start) * 1000
    assert answer.status == 200 and body, (page, answer.status)
    if connection is None:
        line.close()
    return taken


def memory_mb(group: int) -> float:
    """Resident memory of the largest process of a group."""
    found = [0.0]
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(path.name)) == group:
                pages = int((path / "statm").read_text().split()[1])
                found.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
        except (OSError, ValueError):
            continue
    return max(found)


def one_reader(port: int, rounds: int) -> dict[str, list[float]]:
    """Every page once a round, one after another; the first round is left out."""
    taken: dict[str, list[float]] = {page: [] for page in PAGES}
    for at in range(rounds + 1):
        for page in PAGES:
            found = asked(port, page)
            if at:
                taken[page].append(found)
    return taken


def many_readers(ports: list[int], seconds: float) -> float:
    """Pages a second by two readers at each process."""
    counts: list[int] = []
    end = time.perf_counter() + seconds

    def read(port: int, begin: int) -> None:
        done = 0
        while time.perf_counter() < end:
            asked(port, PAGES[(begin + done) % len(PAGES)])
            done += 1
        counts.append(done)

    threads = [threading.Thread(target=read, args=(port, 7 * at)) for at, port in enumerate([*ports, *ports])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home to serve; made and kept here if it has too few studies")
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = given.home or Path(temporary) / "home"
        home.mkdir(parents=True, exist_ok=True)
        built(home, given.studies)
        print(f"{Catalogue(home / 'registry').edition().count:,} studies\n\n| page | p50 ms | p95 ms |\n|---|--:|--:|")
        with served(home) as (port, group):
            taken = one_reader(port, given.rounds)
            memory = memory_mb(group)
        for page, each in taken.items():
            print(f"| `{page}` | {statistics.median(each):.1f} | {sorted(each)[int(0.95 * len(each))]:.1f} |")
        every = sorted(one for each in taken.values() for one in each)
        p95 = every[int(0.95 * len(every))]
        print(f"| **all** | {statistics.median(every):.1f} | {p95:.1f} (wanted: at most {WANTED_P95_MS:g} at 500,000) |")
        print(f"\nMemory of one process: {memory:,.0f} MB (wanted: at most {WANTED_MB:,.0f}).")
        servers = [served(home) for _ in range(given.processes)]
        ports = [server.__enter__()[0] for server in servers]
        try:
            for port in ports:
                one_reader(port, 0)
            rate = many_readers(ports, given.seconds)
        finally:
            for server in servers:
                server.__exit__(None, None, None)
        print(
            f"{rate:.0f} pages a second by {given.processes} processes (wanted: at least {WANTED_PAGES_A_SECOND:g} at 500,000)."
        )


if __name__ == "__main__":
    main()
