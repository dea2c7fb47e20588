"""How the search grows from 10,000 to 100,000 to 500,000 studies: ``search_speed.py`` at each size, side by side.

python benchmarks/registry/growth.py [--sizes 10000,100000,500000] [--no-sqlite] [--results DIR]

Each size runs in a process of its own, so that memory is its own. Takes an hour and more at full size.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from search_speed import quantiles

HERE = Path(__file__).parent


def main() -> None:
    """Run each size that has no result yet, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,500000")
    parser.add_argument("--rounds", default="15")
    parser.add_argument("--no-sqlite", action="store_true")
    parser.add_argument("--results", type=Path)
    given = parser.parse_args()
    folder = given.results or Path(tempfile.mkdtemp(prefix="trialwright-growth-"))
    folder.mkdir(parents=True, exist_ok=True)
    results = [measured(folder, size, given.rounds, sqlite=not given.no_sqlite) for size in given.sizes.split(",")]
    print(table(results))


def measured(folder: Path, size: str, rounds: str, *, sqlite: bool) -> dict[str, Any]:
    kept = folder / f"{size}.json"
    if not kept.exists():
        command = [sys.executable, str(HERE / "search_speed.py"), "--studies", size, "--rounds", rounds, "--json", str(kept)]
        subprocess.run(command if sqlite else [*command, "--no-sqlite"], check=True, stdout=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(kept.read_text())
    return found


def table(results: list[dict[str, Any]]) -> str:
    """One row a size."""
    lines = [
        "| studies | ours p50/p95 ms | bare | ratio | build/s ours, bare | index MB | memory MB | 1,000 updates s |",
        "|---" * 8 + "|",
    ]
    for result in results:
        ours, bare = (quantiles([each for times in result[name].values() for each in times]) for name in ("ours", "bare"))
        built, count = result["built"], result["studies"]
        ratio = f"{ours[0] / bare[0]:.2f}/{ours[1] / bare[1]:.2f}"
        lines.append(
            f"| {count:,} | {ours[0]:.1f}/{ours[1]:.1f} | {bare[0]:.1f}/{bare[1]:.1f} | {ratio} "
            f"| {count / built['ours_s']:,.0f}, {count / built['bare_s']:,.0f} | {built['ours_mb']:,.0f} "
            f"| {result['memory_mb']:,.0f} | {result['update_s']:.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
