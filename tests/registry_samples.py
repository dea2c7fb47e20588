"""The real records that come with the product, and an index of them, made once for all tests."""

from __future__ import annotations

import json
import tempfile
import zipfile
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from trialwright.registry.address import Address
from trialwright.registry.index import IndexWriter, Stored, StudyIndex
from trialwright.registry.record import Record


@cache
def sample_records() -> tuple[dict[str, Any], ...]:
    """Some hundred real records of ClinicalTrials.gov (data/SOURCES.md)."""
    packed = (files("trialwright.registry") / "data" / "sample.zip").read_bytes()
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        return tuple(json.loads(line) for line in archive.read("studies.ndjson").splitlines())


def key_of(raw: dict[str, Any]) -> str:
    return str(raw["protocolSection"]["identificationModule"]["nctId"])


def stored_of(raw: dict[str, Any], number: int = 0) -> Stored:
    return Stored(key_of(raw), Address(1, number, 10), sha256(json.dumps(raw).encode()).digest()[:16])


def write_index(folder: Path, raws: tuple[dict[str, Any], ...]) -> None:
    writer = IndexWriter(folder, threads=1, heap_bytes=50_000_000)
    for number, raw in enumerate(raws):
        writer.add(Record(raw), stored_of(raw, number))
    writer.commit()
    writer.close()


@cache
def sample_index() -> StudyIndex:
    """The index of the sample, in two segments and with a study deleted and one replaced, as life makes them."""
    folder = Path(tempfile.mkdtemp(prefix="trialwright-index-"))
    raws = sample_records()
    write_index(folder, raws[: len(raws) // 2])
    writer = IndexWriter(folder, threads=1, heap_bytes=50_000_000)
    for number, raw in enumerate(raws[len(raws) // 2 - 5 :]):
        writer.add(Record(raw), stored_of(raw, number))
    writer.delete(key_of(raws[3]))
    writer.commit()
    writer.add(Record(raws[3]), stored_of(raws[3]))
    writer.commit()
    writer.close()
    return StudyIndex(folder)
