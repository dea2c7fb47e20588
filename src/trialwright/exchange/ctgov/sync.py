"""Mirror a v2 API into a catalogue: what changed since the last time, in the order of its dates, page by page.

Each stretch of pages becomes a generation, and after it the date reached is written down; a mirror that is killed goes
on from that date. Sees what the API lists: new and changed studies. A study that the registry deletes is not listed and
stays; one that was merged into another disappears here when the other one names it as an alias.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from trialwright import __version__
from trialwright.exchange.ctgov.asking import Asker, Manners, Page, Surroundings, Unanswered
from trialwright.exchange.ctgov.collect import Tally, Watch, take
from trialwright.exchange.ctgov.parse import record_from_v2
from trialwright.registry.catalogue import Catalogue, Revision
from trialwright.registry.catalogue.folder import write_whole
from trialwright.registry.record_parts import RecordDate, text_at
from trialwright.vocabulary.findings import Finding, Place, Severity

CLINICAL_TRIALS_GOV = "https://clinicaltrials.gov/api/v2"
_PAGES_A_GENERATION = 40
_OVERLAP = timedelta(days=1)  # what was posted late on the last day that was read
_DATE_PATH = ("protocolSection", "statusModule", "lastUpdatePostDateStruct", "date")


@dataclass(slots=True)
class Mirrored:
    """What came of a mirroring.

    Args:
        tally: As of an import.
        since: The date from which the server was asked; ``None`` for all.
        reached: The newest date that is now mirrored.
        complete: Whether the last page was reached.
        findings: Why not, and what else is to be said.
    """

    tally: Tally = field(default_factory=Tally)
    since: date | None = None
    reached: date | None = None
    complete: bool = False
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origin:
    """Which API is mirrored, from which date; without one, from where the last mirroring ended."""

    address: str = CLINICAL_TRIALS_GOV
    since: date | None = None


def mirror(catalogue: Catalogue, origin: Origin, on: datetime, around: Surroundings, manners: Manners, watch: Watch) -> Mirrored:
    """Mirror what changed.

    Args:
        catalogue: Where to.
        origin: Which API.
        on: The instant.
        around: Time and chance for pauses.
        manners: How the server is asked.
        watch: Who is told of findings and progress.

    Returns:
        What came of it. Where the server fails, what was read before is kept, and ``complete`` is false.

    Raises:
        CatalogueBusy: Another program is writing to the catalogue.
    """
    done = Mirrored(since=origin.since or _reached_before(catalogue, origin.address))
    done.reached = done.since
    asker = Asker(origin.address, manners, around, f"trialwright/{__version__}")
    with closing(asker):
        _Mirror(catalogue, origin, on, watch, done).run(asker)
    done.tally.generation = catalogue.edition().generation
    return done


class _Mirror:
    """One mirroring under way."""

    def __init__(self, catalogue: Catalogue, origin: Origin, on: datetime, watch: Watch, done: Mirrored) -> None:
        self._catalogue = catalogue
        self._origin = origin
        self._on = on
        self._watch = watch
        self._done = done
        self._met: set[str] = set()
        self._total: int | None = None

    def run(self, asker: Asker) -> None:
        """Read stretch after stretch until the last page or the first question without an answer."""
        stamp = asker.data_timestamp()
        pages = asker.pages(_question(self._done.since))
        failure: Unanswered | None = None
        while failure is None and not self._done.complete:
            with self._catalogue.revision(self._on, f"sync {self._origin.address}") as revision:
                revision.data_timestamp = _instant(stamp)
                try:
                    self._done.complete = self._stretch(pages, revision)
                except Unanswered as unanswered:
                    failure = unanswered
            self._write_down(self._done.reached)
        self._conclude(failure)

    def _stretch(self, pages: Iterator[Page], revision: Revision) -> bool:
        """File the pages of one generation; true after the last page of all."""
        page = None
        for page in islice(pages, _PAGES_A_GENERATION):
            self._total = page.total if self._total is None else self._total
            for index, study in enumerate(page.studies):
                self._file(study, index, revision)
            self._watch.moved(self._done.tally, len(self._met), self._total or 0)
        return page is None or page.token is None

    def _file(self, study: object, index: int, revision: Revision) -> None:
        tally = self._done.tally
        item = record_from_v2(study, Place(self._origin.address, path=f"studies[{index}]"))
        take(item, revision, tally, self._watch)
        key = text_at(study, "protocolSection", "identificationModule", "nctId")
        if key is not None:
            self._met.add(key)
        posted = RecordDate(text_at(study, *_DATE_PATH) or "").first_day
        if posted is not None and (self._done.reached is None or posted > self._done.reached):
            self._done.reached = posted
        for alias in getattr(getattr(item, "record", None), "nct_id_aliases", ()):
            if alias != key:
                revision.remove(alias)

    def _write_down(self, reached: date | None) -> None:
        known = _state(self._catalogue)
        known.pop(self._origin.address, None)
        if reached is not None:
            known[self._origin.address] = reached.isoformat()
        write_whole(self._catalogue.folder / "sync.json", json.dumps(known, indent=1).encode())

    def _conclude(self, failure: Unanswered | None) -> None:
        place = Place(self._origin.address)
        if failure is not None:
            title = "The server goes round in circles" if failure.code == "TW-K005" else "The server could not be mirrored"
            detail = f"{failure}. What was read before is kept; the next sync goes on from {self._done.reached or 'the start'}."
            self._done.findings.append(Finding(failure.code, Severity.ERROR, place, title, detail[:1].upper() + detail[1:]))
        elif self._total is not None and len(self._met) < self._total:
            detail = f"{self._total:,} were announced, {len(self._met):,} came. Run the sync again."
            title = "Fewer studies came than the server announced"
            self._done.findings.append(Finding("TW-K006", Severity.WARNING, place, title, detail))
            self._write_down(self._done.since)
        for finding in self._done.findings:
            self._watch.found(finding)


def _question(since: date | None) -> dict[str, str]:
    asked = {"format": "json", "sort": "LastUpdatePostDate:asc"}
    if since is not None:
        asked["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{since - _OVERLAP},MAX]"
    return asked


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _state(catalogue: Catalogue) -> dict[str, str]:
    try:
        found = json.loads((catalogue.folder / "sync.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _reached_before(catalogue: Catalogue, address: str) -> date | None:
    """The date that an earlier mirroring of this API reached; none where the catalogue holds nothing."""
    text = _state(catalogue).get(address)
    try:
        return date.fromisoformat(text) if text and catalogue.edition().count else None
    except ValueError:
        return None
