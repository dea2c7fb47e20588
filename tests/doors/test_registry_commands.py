"""``trialwright registry``: import, history, status and snapshot as a person types them."""

import json
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from trialwright.cli.main import cli
from trialwright.registry.catalogue import Catalogue

pytestmark = pytest.mark.slow  # processes of their own, and an index for each import

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "src/trialwright/registry/data/sample.zip"
SEED = ROOT / "trials/nilg-hes1-03"


def run(home: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["registry", *map(str, words), "--home", str(home)])


def study(number: int, **status: Any) -> dict[str, Any]:
    identification = {"nctId": f"NCT{number:08}", "briefTitle": f"Study {number}"}
    return {"protocolSection": {"identificationModule": identification, "statusModule": status}}


def write_lines(path: Path, nodes: list[Any]) -> Path:
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in nodes), "utf-8")
    return path


def test_the_bundled_sample_is_imported_once_and_then_found_unchanged(tmp_path: Path) -> None:
    first = run(tmp_path, "import", "--sample", "--json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert (told["read"], told["new"], told["refused"]) == (334, 334, 0)
    again = json.loads(run(tmp_path, "import", "--sample", "--json").stdout)
    assert (again["read"], again["unchanged"], again["generation"]) == (334, 334, 1)
    status = json.loads(run(tmp_path, "status", "--json").stdout)
    assert (status["records"], status["generation"]) == (334, 1)
    assert status["bytes"]["index"] > 0 and status["bytes"]["packs"] > 0
    assert "334 records" in run(tmp_path, "status").stdout


def test_every_form_of_a_study_becomes_the_same_study(tmp_path: Path) -> None:
    done = run(tmp_path, "import", SEED / "protocol.yaml", SEED / "record", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["read"], told["new"], told["unchanged"]) == (3, 1, 2)
    edition = Catalogue(tmp_path / "registry").edition()
    assert (edition.count, len(edition.history("NCT00787384"))) == (1, 1)
    expected = json.loads((SEED / "record/NCT00787384.v2.json").read_text("utf-8"))
    versions = [edition.at(one.address).raw for one in edition.history("NCT00787384")]
    assert expected in versions


def test_bad_records_are_named_counted_and_the_others_go_on(tmp_path: Path) -> None:
    nodes = [study(1), "{", {"resourceType": "Patient"}, {"protocolSection": {}}, study(2)]
    nodes.append(study(3, startDateStruct={"date": "2019-13-45"}))
    lines = write_lines(tmp_path / "some.ndjson", nodes)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.json", b'{"protocolSection": "' + b" " * 30_000_000 + b'"}')
        archive.writestr("good.json", json.dumps(study(4)))
    cut = tmp_path / "cut.zip"
    cut.write_bytes(bomb.read_bytes()[:200])
    entities = tmp_path / "entities.xml"
    entities.write_text('<!DOCTYPE a [<!ENTITY b "bb">]><clinical_study>&b;</clinical_study>')
    latin = tmp_path / "latin.json"
    latin.write_bytes('{"protocolSection": {"x": "é"}}'.encode("latin-1"))
    done = run(tmp_path, "import", lines, bomb, cut, entities, latin, tmp_path / "nowhere.json", "--json")
    assert done.exit_code == 10
    told = json.loads(done.stdout)
    assert (told["read"], told["new"], told["refused"], told["unchanged"] + told["changed"]) == (12, 4, 8, 0)
    codes = [finding["code"] for finding in told["findings"]]
    assert sorted(codes) == sorted(
        ["TW-R902", "TW-R906", "TW-K001", "TW-R910", "TW-R905", "TW-R902", "TW-R904", "TW-R902", "TW-R901"]
    )
    assert f"{lines}:2:" in done.stderr
    assert f"{bomb}/bomb.json" in done.stderr


def test_the_history_reads_in_the_words_of_the_fields(tmp_path: Path) -> None:
    before = study(1, overallStatus="RECRUITING", lastUpdatePostDateStruct={"date": "2020-01-01"})
    after = study(1, overallStatus="ACTIVE_NOT_RECRUITING", lastUpdatePostDateStruct={"date": "2020-02-01"})
    run(tmp_path, "import", write_lines(tmp_path / "a.ndjson", [before]))
    run(tmp_path, "import", write_lines(tmp_path / "b.ndjson", [after]))
    told = run(tmp_path, "history", "NCT00000001", "--diff").stdout
    assert "Overall status: Recruiting → Active, not recruiting" in told
    assert "Last update post date: 2020-01-01 → 2020-02-01" in told
    listed = json.loads(run(tmp_path, "history", "nct00000001", "--diff", "--json").stdout)
    assert [len(one.get("differences", ())) for one in listed["versions"]] == [2, 0]
    assert run(tmp_path, "history", "NCT00000009").exit_code == 2


def test_a_snapshot_serves_as_a_home_of_its_own(tmp_path: Path) -> None:
    run(tmp_path / "home", "import", write_lines(tmp_path / "a.ndjson", [study(1), study(2)]))
    assert run(tmp_path / "home", "snapshot", tmp_path / "replica/registry").exit_code == 0
    assert "2 records" in run(tmp_path / "replica", "status").stdout
    assert run(tmp_path / "home", "snapshot", tmp_path / "replica/registry").exit_code == 2


def test_commands_say_what_is_missing(tmp_path: Path) -> None:
    assert run(tmp_path, "import").exit_code == 2
    assert "import --sample" in run(tmp_path, "status").stdout
    assert run(tmp_path, "sync", "--from", "ftp://example.org").exit_code == 2
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry/current").write_text("7\n")
    damaged = run(tmp_path, "status")
    assert (damaged.exit_code, "TW-K003" in damaged.output) == (11, True)


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "registry")
    from datetime import UTC, datetime

    with catalogue.revision(datetime(2026, 1, 1, tzinfo=UTC)):
        busy = run(tmp_path, "import", "--sample")
    assert (busy.exit_code, "TW-K002" in busy.output) == (11, True)


def killed_imports(tmp_path: Path, times: int) -> None:
    """Kill an import again and again; after each the folder is whole, and at last it completes."""
    old = [study(number, overallStatus="RECRUITING", whyStopped="x" * 500) for number in range(1, 1200)]
    new = [study(number, overallStatus="COMPLETED", whyStopped="y" * 500) for number in range(1, 1200)]
    before, after = write_lines(tmp_path / "old.ndjson", old), write_lines(tmp_path / "new.ndjson", new)
    home = tmp_path / "home"
    assert run(home, "import", before).exit_code == 0
    program = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from trialwright.exchange.ctgov.collect import collect\n"
        "from trialwright.registry.catalogue import Catalogue\n"
        "print('ready', flush=True)\n"
        "collect(Catalogue(Path(sys.argv[1])), [Path(sys.argv[2])], datetime(2026, 1, 1, tzinfo=UTC), checkpoint_records=150)\n"
    )
    states, longest = set(), 0.0
    for turn in range(times):
        command = [sys.executable, "-c", program, str(home / "registry"), str(after if turn % 2 == 0 else before)]
        began = None
        with subprocess.Popen(command, stdout=subprocess.PIPE) as importing:
            assert importing.stdout is not None
            importing.stdout.readline()
            began = time.monotonic()
            if turn < 2:
                assert importing.wait() == 0
                longest = max(longest, time.monotonic() - began)
            else:
                time.sleep((turn * 0.618 % 1.0) * longest)  # spread over the whole import
                importing.send_signal(signal.SIGKILL)
        edition = Catalogue(home / "registry").edition()
        records = list(edition.records())
        statuses = {record.status for record in records}
        assert len(records) == edition.count == edition.index.count
        assert len(statuses) == 1, "a mixture of the old and the new"
        states.add(statuses.pop())
    assert len(states) == 2
    for last, status in ((after, "COMPLETED"), (before, "RECRUITING"), (after, "COMPLETED")):
        assert run(home, "import", last).exit_code == 0
        edition = Catalogue(home / "registry").edition()
        assert edition.count == 1199
        assert {record.status for record in edition.records()} == {status}
    assert not list((home / "registry/generations").glob("*.building"))


def test_an_import_killed_at_any_instant_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    killed_imports(tmp_path, 6)


@pytest.mark.long
def test_an_import_killed_at_thirty_instants_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    killed_imports(tmp_path, 30)
