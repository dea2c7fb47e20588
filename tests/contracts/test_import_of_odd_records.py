"""Records whose members are of the wrong kind anywhere are imported, found and compared, and never stop an import."""

import json
import random  # noqa: TID251 - seeded: the same records each time
import zipfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from trialwright.exchange.ctgov.collect import Tally, collect
from trialwright.registry.catalogue import Catalogue, differences

pytestmark = pytest.mark.slow  # hundreds of records indexed

ON = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "src/trialwright/registry/data/sample.zip"
ODD: list[Any] = [None, True, 0, -1, 10**30, 1.5, -1e300, "", "x", "\x00\u2028", "2020-99-99", [], {}, [[]], [None], [{}]]
ODD += [{"a": 1}, ["x", 3, {"date": "y"}], "9" * 400, {"date": 5}, {"lat": "x", "lon": 99}, {"lat": 1e9, "lon": 0}, "z" * 40_000]


def mutated(chance: random.Random, node: Any, share: float) -> Any:
    """A JSON value in which a share of the members is replaced by something else."""
    if chance.random() < share:
        return chance.choice(ODD)
    match node:
        case dict():
            return {name: mutated(chance, value, share) for name, value in node.items()}
        case list():
            return [mutated(chance, value, share) for value in node]
        case _:
            return node


def imported(folder: Path, count: int, seed: int) -> tuple[Tally, Catalogue]:
    chance = random.Random(seed)
    with zipfile.ZipFile(SAMPLE) as archive:
        records = [json.loads(line) for line in archive.read("studies.ndjson").splitlines() if len(line) < 15_000]
    lines = []
    for number in range(1, count + 1):
        record = mutated(chance, chance.choice(records), chance.choice([0.002, 0.01, 0.05]))
        match record:
            case {"protocolSection": {"identificationModule": dict(identification)}}:
                identification["nctId"] = f"NCT{number:08}"
        lines.append(json.dumps(record))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "odd.ndjson").write_text("\n".join(lines))
    catalogue = Catalogue(folder / "registry")
    return collect(catalogue, [folder / "odd.ndjson"], ON), catalogue


def check(tally: Tally, catalogue: Catalogue) -> None:
    assert tally.new + tally.changed + tally.unchanged + tally.refused == tally.read
    assert tally.refused < tally.read / 4
    records = list(catalogue.edition().records())
    assert len(records) == catalogue.edition().count == tally.new
    for one, other in pairwise(records):
        assert all(str(entry) for entry in differences(one.raw, other.raw))


def test_odd_records_are_imported_one_and_all(tmp_path: Path) -> None:
    check(*imported(tmp_path, 150, seed=5))


@pytest.mark.long
def test_thousands_of_odd_records_are_imported(tmp_path: Path) -> None:
    for seed in range(4):
        check(*imported(tmp_path / str(seed), 1_000, seed))
