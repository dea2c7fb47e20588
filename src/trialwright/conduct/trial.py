"""A trial in motion: protocol versions and a log. ``submit`` is the only way that anything is written.

Every command is carried out whole or not at all: its entries are appended in one piece, after everything that could refuse
it has been asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from trialwright.conduct import commands as asked
from trialwright.conduct import observing, recording, treating
from trialwright.conduct.authority import object_to
from trialwright.conduct.commands import AnyCommand
from trialwright.conduct.drafting import Drafting
from trialwright.engine.advice import Advice
from trialwright.engine.apply import replay
from trialwright.engine.deviations import Deviation
from trialwright.engine.recall import Recall
from trialwright.engine.state import ParticipantState, TrialState
from trialwright.events import AnyEvent, Occurred, UnknownEvent, decode, encode
from trialwright.events import catalogue as happened
from trialwright.log import GENESIS, Actor, Draft, Entry, Head, HeadMoved, SaltSource, Shelf, Stamp, seal, verify
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity

ATTEMPTS = 5
EARLIEST = date(1950, 1, 1)  # an earlier date is a slip of the pen


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an accepted command did: its entries and events, the deviations among them, and warnings.

    ``repeated`` is True where the same key had been accepted before; nothing was added then.
    """

    entries: tuple[Entry, ...]
    events: tuple[AnyEvent, ...]
    deviations: tuple[Deviation, ...]
    findings: tuple[Finding, ...]
    repeated: bool = False


def occurred(entries: Iterable[Entry]) -> Iterable[Occurred]:
    """Turn entries into events with their place; an erased text reads "[redacted]".

    Raises:
        UnknownEvent: An entry is none of the catalogue, or what was erased cannot be left out.
    """
    for entry in entries:
        event = decode(entry.kind, entry.version, entry.fields, entry.redacted)
        yield Occurred(entry.sequence, event, entry.recorded_at, entry.actor.id, entry.protocol)


class Trial:
    """A study in motion, on one shelf."""

    def __init__(self, shelf: Shelf, protocol: Protocol, salts: SaltSource) -> None:
        """Open the log on ``shelf`` under the protocol version in force; an empty log awaits OpenTrial.

        Raises:
            Refused: An entry cannot be read as an event (TW-C072).
        """
        self.shelf, self.protocol, self.salts = shelf, protocol, salts
        self._keys: dict[str, tuple[Entry, ...]] = {}
        self._entries: list[Entry] = []
        self._advised: dict[str, tuple[ParticipantState, Advice]] = {}
        self.recall = Recall(protocol)
        self.state = TrialState()
        self._catch_up()
        self._verified = not self._entries

    @classmethod
    def begin(
        cls, shelf: Shelf, protocol: Protocol, command: asked.OpenTrial, actor: Actor, at: datetime, salts: SaltSource
    ) -> Trial:
        """Begin a trial on an empty shelf."""
        trial = cls(shelf, protocol, salts)
        trial.submit(command, actor=actor, at=at, key="open")
        return trial

    @property
    def head(self) -> Head:
        """Where the log ends, as far as this trial has read it."""
        return self._entries[-1].head if self._entries else GENESIS

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, in order."""
        return tuple(self._entries)

    def _catch_up(self) -> None:
        """Take in what stands on the shelf and has not been read yet."""
        entries = tuple(self.shelf.entries(len(self._entries)))
        try:
            self.state = replay(occurred(entries), self.state)
        except UnknownEvent as error:
            raise Refused((_unreadable(entries, str(error)),)) from None
        self._take(entries)

    def _take(self, entries: tuple[Entry, ...]) -> None:
        self._entries += entries
        for entry in entries:
            self._keys[entry.key] = (*self._keys.get(entry.key, ()), entry)

    def submit(self, command: AnyCommand, *, actor: Actor, at: datetime, key: str) -> Outcome:
        """Carry out a command and record what follows from it.

        A log that was read from a shelf is verified before anything is added to it. Where somebody else wrote meanwhile,
        the command is decided anew on what they wrote.

        Args:
            command: What is asked.
            actor: Who asks, in which role, at which site.
            at: The instant of recording (UTC, aware).
            key: Idempotency key; the same command under the same key is accepted once.

        Returns:
            What was recorded.

        Raises:
            Refused: With findings that say why; nothing was recorded.
        """
        self._verify_once()
        for _ in range(ATTEMPTS):
            try:
                return self._submit(command, actor, at, key)
            except HeadMoved:
                self._catch_up()
        detail = f"{ATTEMPTS} times somebody else wrote first."
        raise Refused(
            (Finding("TW-C062", Severity.ERROR, Place("command"), "The log is being written to", detail, ("Try again",)),)
        )

    def _submit(self, command: AnyCommand, actor: Actor, at: datetime, key: str) -> Outcome:
        if key in self._keys:
            return self._repeated(command, key)
        objections = (*_object_to_stamp(actor, key), *object_to(command, actor, self.state), *_object_to_dates(command, at))
        if objections:
            raise Refused(objections)
        draft = Drafting(self.protocol, self.state, self.head.sequence + 1, at, actor)
        draft.advised, draft.recall = self._advised, self.recall
        carry_out(command, draft)
        stamp = Stamp(at, actor, self.state.study or draft.state.study, self.protocol.digest, key)
        entries = seal([Draft(*encode(event)) for event in draft.events], stamp, self.head, self.salts)
        self.shelf.append(entries, self.head)
        self._take(entries)
        self.state = draft.state
        return Outcome(entries, tuple(draft.events), tuple(draft.deviations), tuple(draft.findings))

    def _verify_once(self) -> None:
        if self._verified:
            return
        errors = [finding for finding in verify(self._entries).findings if finding.severity is Severity.ERROR]
        if errors:
            raise Refused(errors)
        self._verified = True

    def _repeated(self, command: AnyCommand, key: str) -> Outcome:
        """Answer a retry as the first time; another command under a used key is refused (TW-C060)."""
        entries = self._keys[key]
        if not self._says_the_same(command, entries):
            detail = f"It recorded {entries[0].kind} at entry {entries[0].sequence}."
            finding = Finding("TW-C060", Severity.ERROR, Place("command"), f"The key `{key}` was used for something else", detail)
            raise Refused((finding,))
        return Outcome(entries, tuple(fact.event for fact in occurred(entries)), (), (), repeated=True)

    def _says_the_same(self, command: AnyCommand, entries: tuple[Entry, ...]) -> bool:
        """Whether the command, given when the entries were recorded, tells what they tell (decisions follow from it)."""
        first, who = entries[0], getattr(command, "participant", None)
        about = [entry for entry in self._entries[: first.sequence] if entry.fields.get("participant", who) == who]
        draft = Drafting(self.protocol, replay(occurred(about)), first.sequence, first.recorded_at, first.actor)
        try:
            carry_out(command, draft)
        except Refused:
            return False
        told = [_told(event) for event in draft.events]
        return [part for part in told if part] == [part for fact in occurred(entries) if (part := _told(fact.event))]


def _told(event: AnyEvent) -> dict[str, object]:
    """What a person told of an event; of a decision, only that it was made."""
    decided = isinstance(event, DECIDED)
    if decided and not isinstance(event, happened.CandidateScreened):
        return {}
    told = {"kind": type(event).__name__, **event.model_dump(include={"participant", "on"} if decided else None)}
    return {name: value for name, value in told.items() if name not in ("advised", "held_by")}


DECIDED = (
    happened.CandidateScreened,
    happened.DoseAdvised,
    happened.ResponseAssessed,
    happened.StateReached,
    happened.DeviationNoted,
)


def _unreadable(entries: tuple[Entry, ...], reason: str) -> Finding:
    """Name the first entry that is no event."""
    for entry in entries:
        try:
            tuple(occurred((entry,)))
        except UnknownEvent:
            place = Place("log", entry.sequence + 1, 1)
            ways = ("trialwright log verify", "Restore the log from a copy")
            return Finding("TW-C072", Severity.ERROR, place, f"Entry {entry.sequence} is no event", f"{reason}.", ways)
    raise AssertionError(reason)


def _object_to_stamp(actor: Actor, key: str) -> tuple[Finding, ...]:
    """The key and the actor are kept as they are given, so they must be text that a log can hold (TW-C063)."""
    for name, text in (("key", key), ("actor", actor.id), ("role", actor.role), ("site", actor.site)):
        unwritable = any("\ud800" <= character <= "\udfff" for character in text)
        if unwritable or len(text) > 200 or (not text and name != "site"):
            detail = f"`{text[:40]!a}` was given; 1 to 200 characters are wanted."
            return (Finding("TW-C063", Severity.ERROR, Place("command", path=name), f"The {name} cannot be kept", detail),)
    return ()


def _object_to_dates(command: AnyCommand, at: datetime) -> tuple[Finding, ...]:
    """A fact cannot lie in the future (a day is allowed for time zones), nor before there were trials, nor end before it
    began (TW-C061)."""
    for name in ("on", "aware_on", "resolved_on", "through"):
        day: date | None = getattr(command, name, None)
        if day is None:
            continue
        fault = ""
        if day > (at + timedelta(days=1)).date():
            fault = "lies in the future"
        elif day < EARLIEST:
            fault = "lies too long ago"
        elif day < command.on and not isinstance(command, asked.FollowAdverseEvent):  # news may come after the end
            fault = f"lies before the fact itself, {command.on}"
        if fault:
            detail = f"It is recorded on {at.date()}."
            return (Finding("TW-C061", Severity.ERROR, Place("command", path=name), f"The date {day} {fault}", detail),)
    return ()


def carry_out(command: AnyCommand, draft: Drafting) -> None:
    """Draft the events of a command, or raise Refused."""
    if draft.state.opened_on is None and not isinstance(command, asked.OpenTrial):
        draft.refuse("TW-C057", "The log has not begun", "Nothing is recorded before the trial is opened.", "OpenTrial")
    match command:
        case asked.RecordVisit():
            observing.record_visit(command, draft)
        case asked.MissVisit():
            observing.miss_visit(command, draft)
        case asked.CorrectObservation():
            observing.correct_observation(command, draft)
        case asked.ScreenCandidate():
            treating.screen(command, draft)
        case asked.EnrolParticipant():
            treating.enrol(command, draft)
        case asked.PrescribeDose():
            treating.prescribe(command, draft)
        case asked.RecordDose():
            treating.record_dose(command, draft)
        case asked.StopTreatment():
            treating.stop_treatment(command, draft)
        case _:
            _record(command, draft)


def _record(command: AnyCommand, draft: Drafting) -> None:
    table: Mapping[type, object] = {
        asked.OpenTrial: recording.open_trial,
        asked.DelegateAuthority: recording.delegate,
        asked.RegisterCandidate: recording.register,
        asked.RecordConsent: recording.consent,
        asked.WithdrawConsent: recording.withdraw,
        asked.AttestCriterion: recording.attest,
        asked.ClarifyEligibility: recording.clarify,
        asked.ReportAdverseEvent: recording.report_adverse_event,
        asked.FollowAdverseEvent: recording.follow_adverse_event,
        asked.StartMedication: recording.start_medication,
        asked.StopMedication: recording.stop_medication,
        asked.RecordDeath: recording.die,
        asked.EndFollowUp: recording.end_follow_up,
        asked.NoteDeviation: recording.note_deviation,
        asked.TakeInterimLook: recording.look_ahead,
    }
    carry = table[type(command)]
    assert callable(carry)
    carry(command, draft)
