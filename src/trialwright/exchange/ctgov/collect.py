"""Import: records from files into a catalogue, one by one, with a count of what came of each.

Holds one record at a time. Checkpoints at intervals, so that an import that is killed and begun again with the same
paths goes on from there. Never reads the clock and never prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from trialwright.exchange.ctgov.limits import Limits
from trialwright.exchange.ctgov.parse import Kept, Refusal, refusal
from trialwright.exchange.ctgov.read import Progress, iterate_records, whole_bytes
from trialwright.registry.catalogue import Catalogue, Revision, key_of
from trialwright.registry.record import Record
from trialwright.registry.record_parts import member, nodes_at
from trialwright.vocabulary.findings import Finding

CHECKPOINT_RECORDS = 25_000
_SHOWN_EVERY = 100  # records between two looks at the progress

BULK_LIMITS = Limits(file_bytes=10**12, archive_bytes=10**12, archive_members=10_000_000)
"""Bounds of an import: the whole registry in one file is welcome, one record is bounded as ever."""


@dataclass(slots=True)
class Tally:
    """What came of an import. ``new + changed + unchanged + refused == read``.

    Args:
        read: Records met.
        new: Of studies that were not there.
        changed: That differ from what was there; an older version that was not known counts here too.
        unchanged: That were there already.
        refused: That could not be read, or have no identifier.
        warnings: Findings that are no refusals.
        sites: Places of the new and changed records.
        sites_without_point: Of these, how many have no coordinates and will not be found by distance.
        resumed: Whether an import that had been broken off was gone on from.
        generation: Of the catalogue, afterwards.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    warnings: int = 0
    sites: int = 0
    sites_without_point: int = 0
    resumed: bool = False
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told while an import goes on.

    Args:
        found: Is called with each finding; refusals are errors, the rest warnings and notes.
        moved: Is called every hundred records with the tally, bytes read and bytes in all (0 where unknown).
    """

    found: Callable[[Finding], None] = field(default=lambda _: None)
    moved: Callable[[Tally, int, int], None] = field(default=lambda _tally, _done, _whole: None)


def collect(
    catalogue: Catalogue,
    paths: Iterable[Path],
    on: datetime,
    watch: Watch | None = None,
    checkpoint_records: int = CHECKPOINT_RECORDS,
) -> Tally:
    """Import every record at the paths.

    Args:
        catalogue: Where to.
        paths: Files, folders and zip archives, in order; see ``read_records``.
        on: The instant of the import.
        watch: Who is told of findings and progress.
        checkpoint_records: New and changed records between two checkpoints.

    Raises:
        CatalogueBusy: Another program is writing to the catalogue.
    """
    given, watch, tally, progress = tuple(paths), watch or Watch(), Tally(), Progress()
    whole, kept = sum(whole_bytes(path) for path in given), 0
    with catalogue.revision(on, _purpose(given)) as revision:
        tally.resumed = revision.resumed
        for path in given:
            for item in iterate_records(path, BULK_LIMITS, progress):
                take(item, revision, tally, watch)
                if tally.read % _SHOWN_EVERY == 0:
                    watch.moved(tally, progress.done_bytes, whole)
                if tally.new + tally.changed >= kept + checkpoint_records:
                    revision.checkpoint()
                    kept = tally.new + tally.changed
    watch.moved(tally, whole, whole)
    tally.generation = catalogue.edition().generation
    return tally


def _purpose(paths: tuple[Path, ...]) -> str:
    return "import " + " ".join(str(path.resolve()) for path in paths)


def take(item: Kept | Refusal, revision: Revision, tally: Tally, watch: Watch) -> None:
    """File one record that was read, or tell why not, and count it."""
    tally.read += 1
    if isinstance(item, Kept) and key_of(item.record) is None:
        item = refusal(
            "TW-K001",
            item.place,
            "This record has no identifier",
            "A record is filed under its NCT number, or else under its organisation's number (of at most 200 letters).",
            ("give it identificationModule.nctId or orgStudyIdInfo.id",),
        )
    if isinstance(item, Refusal):
        tally.refused += 1
        watch.found(item.finding)
        return
    for note in item.notes:
        tally.warnings += 1
        watch.found(note)
    outcome = revision.put(item.record, item.source, item.text)
    match outcome:
        case "unchanged":
            tally.unchanged += 1
            return
        case "new":
            tally.new += 1
        case "changed":
            tally.changed += 1
    _count_sites(item.record, tally)


def _count_sites(record: Record, tally: Tally) -> None:
    sites = nodes_at(record.module("contactsLocationsModule"), "locations")
    tally.sites += len(sites)
    tally.sites_without_point += sum(1 for site in sites if member(site, "geoPoint") is None)
