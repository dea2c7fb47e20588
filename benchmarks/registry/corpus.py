"""The one file of studies that every engine of a benchmark reads: the bundled real records, then synthetic ones.

Written once, by several processes; read line by line, so that no engine pays for making the studies.

python benchmarks/registry/corpus.py FILE [--studies 10000]
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

import orjson
from synthetic import real_records, studies

BLOCK = 2_500


def line(study: dict[str, Any]) -> bytes:
    """A study as one line of JSON."""
    return json.dumps(study, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def block(number: int, count: int, seed: int) -> bytes:
    """The lines of one block of synthetic studies, the same whoever makes it."""
    return b"".join(line(study) for study in studies(count, seed * 1_000_003 + number, first=number * BLOCK))


def write_corpus(path: Path, count: int, seed: int = 1) -> Path:
    """Write a corpus, unless it is there; a file that is there was finished."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    half_done = path.with_suffix(".writing")
    with half_done.open("wb") as file, ProcessPoolExecutor(os.cpu_count()) as pool:
        real = [line(study) for study in real_records()[:count]]
        file.writelines(real)
        sizes = [min(BLOCK, count - len(real) - at) for at in range(0, count - len(real), BLOCK)]
        file.writelines(pool.map(block, range(len(sizes)), sizes, repeat(seed)))
    half_done.rename(path)
    return path


def records(path: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each study with its text."""
    with path.open("rb") as file:
        for text in file:
            yield orjson.loads(text), text.rstrip(b"\n")


def changed(path: Path, count: int, turn: int) -> Iterator[bytes]:
    """The last studies of a corpus, each a little later than it was."""
    with path.open("rb") as file:
        lines = sum(1 for _ in file)
        file.seek(0)
        for at, text in enumerate(file):
            if at >= lines - count:
                study = json.loads(text)
                status = study["protocolSection"]["statusModule"]
                status["whyStopped"] = f"synthetic change {turn}"
                status["lastUpdatePostDateStruct"] = {"date": f"2026-{turn:02}-01"}
                yield line(study)


def main() -> None:
    """Write a corpus and say how long its records are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--studies", type=int, default=10_000)
    given = parser.parse_args()
    path = write_corpus(given.file, given.studies)
    print(f"{given.studies:,} studies of {path.stat().st_size / given.studies / 1e3:.1f} KB in {path}")


if __name__ == "__main__":
    main()
