"""Topics and judgements of a retrieval benchmark, read from a folder that the user names. None are shipped.

A folder holds ``queries.jsonl`` (one object a line with ``_id`` and ``text``) and the judgements as tab-separated lines
of topic, record and grade: ``qrels.tsv``, ``qrels/test.tsv`` or the one ``*qrels*.tsv`` there is.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BenchmarkError(ValueError):
    """A folder that does not hold a benchmark; the message is for the person who named it."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What is searched for: an identifier and a text, such as a patient's note."""

    identifier: str
    text: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Topics and their judgements.

    Args:
        name: The folder's name.
        topics: In the order of the file.
        grades: Topic to record to grade; 0 is not relevant, a higher grade more relevant.
    """

    name: str
    topics: tuple[Topic, ...]
    grades: Mapping[str, Mapping[str, int]]

    def within(self, held: frozenset[str]) -> Benchmark:
        """The judgements of the records that are held, and the topics that are left with a relevant one."""
        kept = {topic: {key: grade for key, grade in found.items() if key in held} for topic, found in self.grades.items()}
        topics = tuple(one for one in self.topics if any(kept.get(one.identifier, {}).values()))
        return Benchmark(self.name, topics, {one.identifier: kept[one.identifier] for one in topics})

    def half(self, first: bool) -> Benchmark:
        """Every other topic: those at even places (from 0), on which weights were chosen, or the others, held out."""
        topics = self.topics[0 if first else 1 :: 2]
        return Benchmark(self.name, topics, {one.identifier: self.grades[one.identifier] for one in topics})

    @property
    def pairs(self) -> int:
        """How many pairs of topic and record are judged."""
        return sum(len(found) for found in self.grades.values())


def read_benchmark(folder: Path) -> Benchmark:
    """Read a folder of topics and judgements.

    Raises:
        BenchmarkError: A file is missing or a line cannot be read.
    """
    queries = folder / "queries.jsonl"
    if not queries.is_file():
        raise BenchmarkError(f"{folder} has no queries.jsonl")
    topics = tuple(_topic(line, queries, number) for number, line in enumerate(_lines(queries), 1) if line.strip())
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    judged = _judgements(folder)
    for number, line in enumerate(_lines(judged), 1):
        parts = line.split("\t")
        if number == 1 and not parts[-1].strip().lstrip("-").isdigit():
            continue
        if len(parts) != 3 or not parts[2].strip().lstrip("-").isdigit():
            raise BenchmarkError(f"{judged}:{number}: expected topic, record and grade, apart by tabs")
        grades[parts[0]][parts[1]] = max(0, int(parts[2]))
    return Benchmark(folder.name, topics, grades)


def _judgements(folder: Path) -> Path:
    found = [path for path in (folder / "qrels.tsv", folder / "qrels" / "test.tsv") if path.is_file()]
    found += sorted(folder.glob("*qrels*.tsv"))
    if not found:
        raise BenchmarkError(f"{folder} has no judgements: qrels.tsv or qrels/test.tsv")
    return found[0]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{path} is not UTF-8 text") from error


def _topic(line: str, path: Path, number: int) -> Topic:
    try:
        node = json.loads(line)
        identifier, text = node["_id"], node["text"]
    except (ValueError, KeyError, TypeError) as error:
        raise BenchmarkError(f"{path}:{number}: expected an object with _id and text") from error
    if not isinstance(identifier, str) or not isinstance(text, str):
        raise BenchmarkError(f"{path}:{number}: _id and text must be text")
    return Topic(identifier, text)
