"""The registry records of the home folder's own trials. Judges nothing and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from trialwright.conduct.home import TrialFolder
from trialwright.exchange.ctgov import read_records
from trialwright.exchange.ctgov.from_protocol import record_of
from trialwright.registry.record import Record
from trialwright.vocabulary.dates import parse_partial_date
from trialwright.web.cache import Remembered
from trialwright.web.folders import existing, stamp, trials
from trialwright.web.workspace.folder import protocol_of

RECORD = "study.json"


@dataclass(frozen=True, slots=True)
class ListedStudy:
    """A study of the home folder: its record, the trial it belongs to, and when the record was processed."""

    record: Record
    trial: TrialFolder
    processed_on: date

    @property
    def id(self) -> str:
        """The registry's number; the trial's name where there is none."""
        return self.record.nct_id or self.trial.name

    @property
    def title(self) -> str:
        """The short title."""
        return self.record.brief_title or self.record.official_title or self.id


_kept: Remembered[ListedStudy | None] = Remembered(most=500)


def studies() -> tuple[ListedStudy, ...]:
    """Every study that has a record, one for each identifier, by title."""
    found: dict[str, ListedStudy] = {}
    for trial in trials():
        study = study_of(trial)
        if study is not None:
            found.setdefault(study.id, study)
    return tuple(sorted(found.values(), key=lambda one: one.title.casefold()))


def study_of(trial: TrialFolder) -> ListedStudy | None:
    """The study of a trial: its record, or what its protocol registers; None where neither can be read."""
    path = existing(trial, RECORD)
    return _kept.get(trial.path, (stamp(path), stamp(trial.protocol)), lambda: _read(path, trial))


def _read(path: Path | None, trial: TrialFolder) -> ListedStudy | None:
    protocol = protocol_of(trial).protocol
    study = protocol.file.study if protocol else None
    kept = read_records(path).records if path else ()
    record = kept[0] if kept else Record(record_of(study)) if study else None
    if record is None:
        return None
    written_on = datetime.fromtimestamp((path or trial.protocol).stat().st_mtime, UTC).date()
    stated = parse_partial_date(study.record.processed).earliest if study and study.record else None
    return ListedStudy(record, trial, stated or written_on)


def find_study(wanted: str) -> ListedStudy | None:
    """The study with that registry number or trial name, whatever its case."""
    names = wanted.casefold()
    return next((one for one in studies() if names in (one.id.casefold(), one.trial.name.casefold())), None)
