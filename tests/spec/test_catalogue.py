"""The catalogue: what goes in comes out whole, history is kept, nothing new makes no generation, readers keep their own."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from trialwright.registry.catalogue import CLASSIC, Catalogue, CatalogueBusy, DamagedPack, key_of
from trialwright.registry.record import Record

pytestmark = pytest.mark.slow  # an index written and opened for each revision

FIRST, SECOND, THIRD = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))


def study(number: int, status: str = "RECRUITING", posted: str | None = "2020-01-01", **more: Any) -> Record:
    dated = {"lastUpdatePostDateStruct": {"date": posted}} if posted else {}
    protocol = {
        "identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": f"Study {number}"},
        "statusModule": {"overallStatus": status, **dated},
    }
    return Record({"protocolSection": protocol, **more})


def put(catalogue: Catalogue, *records: Record, on: datetime = FIRST, source: str = "v2 JSON") -> list[str]:
    with catalogue.revision(on) as revision:
        return [revision.put(record, source) for record in records]


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "registry")


def test_an_empty_folder_is_an_empty_edition_and_reading_writes_nothing(catalogue: Catalogue) -> None:
    edition = catalogue.edition()
    assert (edition.generation, edition.count, edition.record("NCT00000001"), list(edition.records())) == (0, 0, None, [])
    assert edition.history("NCT00000001") == ()
    assert not catalogue.folder.exists()


def test_what_goes_in_comes_out_with_every_member_and_number_it_had(catalogue: Catalogue) -> None:
    record = study(1, unknownSection={"a": [1, 2.5, None, True, "é\u2028"], "": {}})
    assert put(catalogue, record) == ["new"]
    edition = catalogue.edition()
    assert edition.record("nct00000001") == record
    assert list(edition.records()) == [record]
    assert edition.count == 1


def test_a_text_on_one_line_is_kept_to_the_byte(catalogue: Catalogue) -> None:
    text = json.dumps(study(1).raw, indent=None, separators=(", ", ":  ")).encode() + b""
    with catalogue.revision(FIRST) as revision:
        revision.put(Record(json.loads(text)), "v2 JSON", text)
        revision.put(study(2), "v2 JSON", json.dumps(study(2).raw, indent=1).encode())
    edition = catalogue.edition()
    (version,) = edition.history("NCT00000001")
    assert edition.raw(version.address) == text
    assert b"\n" not in edition.raw(edition.history("NCT00000002")[0].address)


def test_the_same_records_again_make_no_new_generation(catalogue: Catalogue) -> None:
    assert put(catalogue, study(1), study(2)) == ["new", "new"]
    before = sorted(path.name for path in catalogue.folder.rglob("*"))
    assert put(catalogue, study(1), study(2), on=SECOND) == ["unchanged", "unchanged"]
    assert catalogue.edition().generation == 1
    assert sorted(path.name for path in catalogue.folder.rglob("*")) == before


def test_another_spelling_of_the_same_record_is_no_change(catalogue: Catalogue) -> None:
    put(catalogue, study(1))
    turned = {"protocolSection": dict(reversed(study(1).raw["protocolSection"].items()))}  # type: ignore[attr-defined]
    with catalogue.revision(SECOND) as revision:
        assert revision.put(Record(turned), "sync", json.dumps(turned).encode()) == "unchanged"


def test_every_change_is_kept_newest_first(catalogue: Catalogue) -> None:
    statuses = ["RECRUITING", "COMPLETED", "TERMINATED"]
    for status, on, day in zip(statuses, (FIRST, SECOND, THIRD), (1, 2, 3), strict=True):
        put(catalogue, study(1, status, f"2020-01-0{day}"), on=on)
    edition = catalogue.edition()
    versions = edition.history("NCT00000001")
    assert [edition.at(one.address).status for one in versions] == statuses[::-1]
    assert [one.seen_at for one in versions] == [THIRD, SECOND, FIRST]
    assert edition.count == 1
    assert edition.record("NCT00000001") == study(1, "TERMINATED", "2020-01-03")


def test_an_older_version_is_filed_behind_the_present_one(catalogue: Catalogue) -> None:
    put(catalogue, study(1, "COMPLETED", "2022"))
    assert put(catalogue, study(1, "RECRUITING", "2019"), on=SECOND) == ["changed"]
    edition = catalogue.edition()
    assert edition.record("NCT00000001") == study(1, "COMPLETED", "2022")
    assert [one.last_update_posted for one in edition.history("NCT00000001")] == ["2022", "2019"]
    assert put(catalogue, study(1, "COMPLETED", "2022"), study(1, "RECRUITING", "2019"), on=THIRD) == ["unchanged"] * 2


def test_a_mapped_record_never_takes_the_place_of_a_true_one_of_the_same_date(catalogue: Catalogue) -> None:
    put(catalogue, study(1, "COMPLETED"))
    put(catalogue, study(1, "RECRUITING"), source=CLASSIC, on=SECOND)
    assert catalogue.edition().record("NCT00000001") == study(1, "COMPLETED")
    assert put(catalogue, study(1, "COMPLETED"), on=THIRD) == ["unchanged"]
    assert put(catalogue, study(1, "RECRUITING"), source=CLASSIC, on=THIRD) == ["unchanged"]


def test_a_record_without_dates_may_go_back_to_what_it_was(catalogue: Catalogue) -> None:
    for status in ("RECRUITING", "SUSPENDED", "RECRUITING"):
        put(catalogue, study(1, status, None))
    assert [one.last_update_posted for one in catalogue.edition().history("NCT00000001")] == [None] * 3
    assert catalogue.edition().record("NCT00000001") == study(1, "RECRUITING", None)


def test_a_record_that_comes_twice_in_one_revision_is_one_study(catalogue: Catalogue) -> None:
    later = study(1, "COMPLETED", "2021")
    assert put(catalogue, study(1), later, later, study(1)) == ["new", "changed", "unchanged", "unchanged"]
    assert catalogue.edition().count == 1
    assert len(catalogue.edition().history("NCT00000001")) == 2


def test_a_removed_record_is_found_no_more_and_keeps_its_history(catalogue: Catalogue) -> None:
    put(catalogue, study(1), study(2))
    with catalogue.revision(SECOND) as revision:
        assert revision.remove("NCT00000001")
        assert not revision.remove("NCT00000009")
    edition = catalogue.edition()
    assert (edition.count, edition.record("NCT00000001")) == (1, None)
    assert edition.at(edition.history("NCT00000001")[0].address) == study(1)
    assert put(catalogue, study(1, "COMPLETED", "2023"), on=THIRD) == ["new"]
    assert len(catalogue.edition().history("NCT00000001")) == 2
    assert catalogue.edition().removed == {}


def test_a_revision_that_fails_leaves_the_old_generation(catalogue: Catalogue) -> None:
    put(catalogue, study(1))
    with pytest.raises(ZeroDivisionError), catalogue.revision(SECOND) as revision:
        revision.put(study(2), "v2 JSON")
        raise ZeroDivisionError
    assert catalogue.edition().count == 1
    assert put(catalogue, study(3), on=THIRD) == ["new"]
    assert {record.nct_id for record in catalogue.edition().records()} == {"NCT00000001", "NCT00000003"}
    assert len(list((catalogue.folder / "packs").iterdir())) == 2


def test_a_broken_off_revision_is_gone_on_from_only_for_the_same_purpose(catalogue: Catalogue) -> None:
    def broken_off(purpose: str) -> None:
        with pytest.raises(ZeroDivisionError), catalogue.revision(FIRST, purpose) as revision:
            revision.put(study(1), "v2 JSON")
            revision.checkpoint()
            revision.put(study(2), "v2 JSON")
            raise ZeroDivisionError

    broken_off("import a")
    with catalogue.revision(SECOND, "import b") as revision:
        assert not revision.resumed
        assert revision.put(study(1), "v2 JSON") == "new"
    broken_off("import a")
    broken_off("import a")
    with catalogue.revision(THIRD, "import a") as revision:
        assert revision.put(study(3), "v2 JSON") == "new"
    assert {record.nct_id for record in catalogue.edition().records()} == {"NCT00000001", "NCT00000003"}


def test_what_was_checkpointed_is_published_though_nothing_follows(catalogue: Catalogue) -> None:
    with pytest.raises(ZeroDivisionError), catalogue.revision(FIRST, "import a") as revision:
        revision.put(study(1), "v2 JSON")
        revision.checkpoint()
        raise ZeroDivisionError
    assert catalogue.edition().count == 0
    with catalogue.revision(SECOND, "import a") as revision:
        assert revision.resumed
        assert revision.put(study(1), "v2 JSON") == "unchanged"
    assert catalogue.edition().record("NCT00000001") == study(1)


@pytest.mark.parametrize("damage", ["*.store", "meta.json", "building.json", "*"])
def test_a_broken_off_revision_that_is_damaged_is_begun_again(catalogue: Catalogue, damage: str) -> None:
    put(catalogue, study(1))
    with pytest.raises(ZeroDivisionError), catalogue.revision(SECOND, "import a") as revision:
        revision.put(study(2), "v2 JSON")
        revision.checkpoint()
        raise ZeroDivisionError
    for path in (catalogue.folder / "generations/2.building").rglob(damage):
        if path.is_file():
            path.unlink()
    with catalogue.revision(THIRD, "import a") as revision:
        assert revision.put(study(2), "v2 JSON") == "new"
    assert {record.nct_id for record in catalogue.edition().records()} == {"NCT00000001", "NCT00000002"}
    assert list(catalogue.edition().records())


def test_a_reader_keeps_its_edition_while_others_follow(catalogue: Catalogue) -> None:
    put(catalogue, study(1))
    old = catalogue.edition()
    for number, on in ((2, SECOND), (3, THIRD), (4, THIRD), (5, THIRD)):
        put(catalogue, study(number), on=on)
    assert old.count == 1 and old.record("NCT00000001") == study(1) and old.record("NCT00000002") is None
    assert catalogue.edition().count == 5
    assert sorted(path.name for path in (catalogue.folder / "generations").iterdir()) == ["4", "5"]


def test_an_edition_is_opened_again_only_when_the_generation_changed(catalogue: Catalogue) -> None:
    put(catalogue, study(1))
    assert catalogue.edition() is catalogue.edition()
    before = catalogue.edition()
    put(Catalogue(catalogue.folder), study(2))
    assert catalogue.edition() is not before


def test_one_writer_at_a_time(catalogue: Catalogue) -> None:
    with catalogue.revision(FIRST), pytest.raises(CatalogueBusy), Catalogue(catalogue.folder).revision(FIRST):
        raise AssertionError("two writers")
    put(catalogue, study(1))


def test_readers_in_threads_see_whole_editions_while_a_writer_works(catalogue: Catalogue) -> None:
    put(catalogue, study(1, "RECRUITING", "2020-01-01"))
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        mine = Catalogue(catalogue.folder)
        while not done.is_set():
            edition = mine.edition()
            records = {record.nct_id for record in edition.records()}
            if len(records) != edition.count or edition.record("NCT00000001") is None:
                wrong.append((edition.generation, records))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(2, 8):
        put(catalogue, study(number), study(1, "RECRUITING", f"2020-01-{number:02}"))
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert catalogue.edition().count == 7


def test_a_snapshot_is_a_whole_catalogue_of_its_own(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, study(1))
    put(catalogue, study(1, "COMPLETED", "2023"), study(2), on=SECOND)
    copied = catalogue.snapshot(tmp_path / "replica")
    put(catalogue, study(3), on=THIRD)
    assert (copied.count, len(copied.history("NCT00000001"))) == (2, 2)
    replica = Catalogue(tmp_path / "replica")
    assert put(replica, study(4), on=THIRD) == ["new"]
    assert {one.nct_id for one in replica.edition().records()} == {"NCT00000001", "NCT00000002", "NCT00000004"}
    assert {one.nct_id for one in catalogue.edition().records()} == {"NCT00000001", "NCT00000002", "NCT00000003"}
    with pytest.raises(FileExistsError):
        catalogue.snapshot(tmp_path / "replica")


def test_a_study_of_ones_own_is_filed_under_its_organisation_s_number(catalogue: Catalogue) -> None:
    own = Record({"protocolSection": {"identificationModule": {"orgStudyIdInfo": {"id": "GROUP-7"}}}})
    assert put(catalogue, own) == ["new"]
    assert catalogue.edition().record("GROUP-7") == own


def test_an_alias_leads_to_the_record_that_took_it_over(catalogue: Catalogue) -> None:
    identification = {"nctId": "NCT00000005", "nctIdAliases": ["NCT00000004"]}
    put(catalogue, Record({"protocolSection": {"identificationModule": identification}}))
    assert catalogue.edition().resolve("NCT00000004") == "NCT00000005"
    assert catalogue.edition().resolve("NCT00000006") is None


@pytest.mark.parametrize(
    ("identification", "key"),
    [
        ({"nctId": "nct00000001"}, "NCT00000001"),
        ({"nctId": " NCT00000001 "}, "NCT00000001"),
        ({"orgStudyIdInfo": {"id": "X-1"}}, "X-1"),
        ({"nctId": 7, "orgStudyIdInfo": {"id": "x" * 201}}, None),
        ({}, None),
    ],
)
def test_a_record_is_filed_under_its_number(identification: dict[str, object], key: str | None) -> None:
    assert key_of(Record({"protocolSection": {"identificationModule": identification}})) == key


def test_a_swap_killed_between_its_two_renames_is_completed(catalogue: Catalogue) -> None:
    put(catalogue, study(1))
    put(catalogue, study(2), on=SECOND)
    (catalogue.folder / "current").write_text("1\n")  # as if the last rename had not come to pass
    assert catalogue.edition().count == 1
    put(catalogue, on=THIRD)
    assert catalogue.edition().count == 2


def test_a_damaged_pack_is_told_and_never_read_as_something_else(catalogue: Catalogue) -> None:
    put(catalogue, study(1))
    (version,) = catalogue.edition().history("NCT00000001")
    pack = catalogue.folder / "packs/000001.pack"
    whole = pack.read_bytes()
    for damaged in (whole[:-5], whole[:40] + bytes(8) + whole[48:], b"another thing", b""):
        pack.write_bytes(damaged)
        with pytest.raises(DamagedPack, match=r"000001\.pack"):
            Catalogue(catalogue.folder).edition().raw(version.address)
    pack.unlink()
    with pytest.raises(DamagedPack):
        Catalogue(catalogue.folder).edition().raw(version.address)


def test_a_folder_of_another_format_is_refused(catalogue: Catalogue) -> None:
    put(catalogue, study(1))
    manifest = catalogue.folder / "generations/1/manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(ValueError, match="format"):
        Catalogue(catalogue.folder).edition()


def test_a_generation_whose_index_lost_records_is_refused(catalogue: Catalogue) -> None:
    put(catalogue, study(1))
    manifest = catalogue.folder / "generations/1/manifest.json"
    manifest.write_text(manifest.read_text().replace('"count": 1', '"count": 2'))
    with pytest.raises(ValueError, match="2 records"):
        Catalogue(catalogue.folder).edition()
    (catalogue.folder / "generations/1/index/meta.json").unlink()
    with pytest.raises(FileNotFoundError):
        Catalogue(catalogue.folder).edition()
