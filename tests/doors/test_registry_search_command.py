"""``trialwright registry search``, as a person types it, over a few real records and the seed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from trialwright.cli.main import cli
from trialwright.registry.catalogue import Catalogue
from trialwright.registry.record import Record

ROOT = Path(__file__).parents[2]
SEED = "NCT00787384"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("searched")
    paths = [*sorted((ROOT / "tests/fixtures/registry/v2").glob("*.json")), ROOT / f"trials/nilg-hes1-03/record/{SEED}.v2.json"]
    with Catalogue(found / "registry").revision(datetime(2026, 11, 1, tzinfo=UTC)) as revision:
        for path in paths:
            revision.put(Record(json.loads(path.read_text())), "v2 JSON")
    return found


def search(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["registry", "search", *words, "--home", str(home)])


@pytest.mark.parametrize(
    "words",
    ["imatinib hypereosinophilic", "Glivec hypereosinophilic", "NILG-HES1-03", "2004-002280-24", SEED, "imatinib near Bergamo"],
)
def test_the_seed_is_found_first_by_what_people_know_of_it(home: Path, words: str) -> None:
    done = search(home, *words.split(), "--json")
    assert json.loads(done.output)["hits"][0]["key"] == SEED, done.output


def test_what_was_taken_for_more_than_words_is_said_and_can_be_left_alone(home: Path) -> None:
    done = search(home, "imatinib", "near", "Bergamo")
    assert "“near Bergamo” was taken as place: Bergamo" in done.output
    assert "imatinib was also searched as: Gleevec" in done.output
    assert "nearest site Bergamo, 0 km" in done.output and "Completed · Phase 2" in done.output
    plain = json.loads(search(home, "imatinib", "near", "Bergamo", "--as-written", "--json").output)
    assert plain["total"] == 0 and plain["taken"] == [] and plain["expanded"] == {}


def test_an_expression_that_cannot_be_read_is_pointed_at(home: Path) -> None:
    done = search(home, "imatinib AND (")
    assert done.exit_code == 2
    assert "imatinib AND (\n              ^" in done.output and "Traceback" not in done.output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--near", "Nowhereville"], "No town named “Nowhereville” is known"),
        (["--sort", "BriefTitle"], "Unsupported sort field type: text"),
        (["--sort", "StartDate:up"], "“up” is neither asc nor desc"),
        (["--filter", "AREA[Phse]PHASE2"], "Unknown area name: 'Phse'"),
    ],
)
def test_a_wrong_option_says_what_is_wrong(home: Path, options: list[str], says: str) -> None:
    done = search(home, "cancer", *options)
    assert done.exit_code == 2 and says in done.output, done.output


def test_options_narrow_the_search_and_count_it(home: Path) -> None:
    told = json.loads(search(home, "--filter", "AREA[Phase]PHASE2", "--status", "completed", "--facet", "phase", "--json").output)
    assert told["total"] >= 1 and told["facets"]["phase"]["PHASE2"] == told["total"]
    near = json.loads(search(home, "--near", "Milan", "--radius", "60", "--sort", "@distance", "--json").output)
    distances = [hit["nearest"]["distance_km"] for hit in near["hits"]]
    assert SEED in [hit["key"] for hit in near["hits"]]
    assert distances == sorted(distances) and max(distances) <= 60
