"""Opens a trial's folder for reading: its protocol, its log, and what may be told to whom. Caches; never writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from trialwright.conduct import Trial, occurred
from trialwright.conduct.home import TrialFolder
from trialwright.engine.apply import replay
from trialwright.engine.state import ParticipantState, TrialState
from trialwright.events import Occurred, ParticipantEvent, UnknownEvent
from trialwright.log import JsonLinesShelf, Verification, seeded_salts, verify
from trialwright.protocol import Protocol, ProtocolReading
from trialwright.report.study_page import PageExtras, page_extras
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity
from trialwright.web.cache import Remembered
from trialwright.web.folders import existing, stamp, trials

PROTOCOL, LOG, REPORT, REPORT_PDF = "protocol.yaml", "log.jsonl", "report.html", "report.pdf"
NO_SALTS = seeded_salts(b"what-if")  # what is imagined is never kept, so its salts hide nothing


@dataclass(frozen=True, slots=True)
class Room:
    """A trial, opened.

    Args:
        folder: Where it lies.
        trial: Its protocol and log, replayed.
        facts: Every event, in order.
        protocol_lines: The protocol file, line by line, as it stands.
        verification: What verifying the log found.
    """

    folder: TrialFolder
    trial: Trial
    facts: tuple[Occurred, ...]
    protocol_lines: tuple[str, ...]
    verification: Verification

    @property
    def state(self) -> TrialState:
        """What is true of the trial now."""
        return self.trial.state

    @property
    def protocol(self) -> Protocol:
        """The protocol version in force."""
        return self.trial.protocol

    def person_before(self, participant: str, entry: int) -> ParticipantState:
        """A participant as known just before an entry was recorded."""
        own = (
            fact
            for fact in self.facts
            if fact.sequence < entry and isinstance(fact.event, ParticipantEvent) and fact.event.participant == participant
        )
        return replay(own).participants[participant]


@dataclass(frozen=True, slots=True)
class Closed:
    """A trial that cannot be opened, and why."""

    folder: TrialFolder
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """A trial as it is listed."""

    folder: TrialFolder
    title: str
    simulated: bool


_rooms: Remembered[Room | Closed] = Remembered(most=8)
_protocols: Remembered[ProtocolReading] = Remembered(most=32)
_verified: Remembered[Verification] = Remembered(most=16)
_listed: Remembered[ListedRoom | None] = Remembered(most=500)


def open_room(folder: TrialFolder) -> Room | Closed:
    """Open a trial; it is replayed anew only when its log or protocol has changed."""
    log, protocol = existing(folder, LOG), existing(folder, PROTOCOL)
    return _rooms.get(folder.path, (stamp(log), stamp(protocol)), lambda: _open(folder, log))


def _open(folder: TrialFolder, log: Path | None) -> Room | Closed:
    reading = protocol_of(folder)
    if reading.protocol is None:
        return Closed(folder, reading.findings)
    if log is None:
        return Closed(folder, (_no_log(folder),))
    try:
        trial = folder.open(reading.protocol, NO_SALTS)
        facts = tuple(occurred(trial.entries))
    except Refused as refused:
        return Closed(folder, refused.findings)
    except UnknownEvent as error:
        return Closed(folder, (Finding("TW-W001", Severity.ERROR, Place(str(log)), "The log cannot be replayed", f"{error}."),))
    lines = tuple(folder.protocol.read_text("utf-8").splitlines())
    return Room(folder, trial, facts, lines, verified(log))


def verified(log: Path) -> Verification:
    """What verifying the log finds, every byte of it, made anew whenever the file has changed."""
    return _verified.get(log, stamp(log), lambda: verify(log))


def _no_log(folder: TrialFolder) -> Finding:
    ways = ("trialwright rehearse, which plays the trial with simulated participants", "trialwright init, which begins a log")
    return Finding("TW-W002", Severity.ERROR, Place(folder.name), "This trial has no log yet", "Nothing was recorded.", ways)


def protocol_of(folder: TrialFolder) -> ProtocolReading:
    """The trial's protocol file, read."""
    return _protocols.get(folder.path, stamp(folder.protocol), folder.read_protocol)


def public_extras(folder: TrialFolder, processed_on: date) -> PageExtras:
    """What the protocol file opts in to the public page; nothing where there is no readable file."""
    protocol = protocol_of(folder).protocol
    return PageExtras(processed_on) if protocol is None else page_extras(protocol, processed_on)


def rooms(owner: bool) -> tuple[ListedRoom, ...]:
    """The trials that this reader may enter: simulated ones for everybody, real ones for the owner alone."""
    listed = (
        _listed.get(folder.path, stamp(existing(folder, LOG)), lambda folder=folder: _list(folder))  # type: ignore[misc]
        for folder in trials()
    )
    return tuple(one for one in listed if one is not None and (one.simulated or owner))


def _list(folder: TrialFolder) -> ListedRoom | None:
    """Read the first entry alone: whose trial it is, and whether its people are simulated."""
    log = existing(folder, LOG)
    try:
        first = next(iter(JsonLinesShelf(log).entries()), None) if log else None
    except Refused:
        return ListedRoom(folder, folder.name, False)
    if first is None:
        return None
    return ListedRoom(folder, str(first.fields.get("title", folder.name)), first.fields.get("simulated") is True)
