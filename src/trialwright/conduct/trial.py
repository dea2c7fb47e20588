"""A trial in motion: protocol versions and a log. ``submit`` is the only way that anything is written.

Every command is carried out whole or not at all: its entries are appended in one piece, after everything that could refuse
it has been asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from trialwright.conduct import commands as asked
from trialwright.conduct import observing, recording, treating
from trialwright.conduct.authority import object_to
from trialwright.conduct.commands import AnyCommand
from trialwright.conduct.drafting import Drafting
from trialwright.engine.apply import replay
from trialwright.engine.deviations import Deviation
from trialwright.engine.state import TrialState
from trialwright.events import AnyEvent, Occurred, decode, encode
from trialwright.log import REDACTED, Actor, Draft, Entry, Head, SaltSource, Shelf, Stamp, seal
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity


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
    """Turn entries into events with their place; an erased text reads "[redacted]"."""
    for entry in entries:
        fields = {**entry.fields, **dict.fromkeys(entry.redacted, REDACTED)} if entry.redacted else entry.fields
        event = decode(entry.kind, entry.version, fields)
        yield Occurred(entry.sequence, event, entry.recorded_at, entry.actor.id, entry.protocol)


class Trial:
    """A study in motion, on one shelf."""

    def __init__(self, shelf: Shelf, protocol: Protocol, salts: SaltSource) -> None:
        """Open the log on ``shelf`` under the protocol version in force; an empty log awaits OpenTrial."""
        self.shelf, self.protocol, self.salts = shelf, protocol, salts
        self._keys: dict[str, tuple[Entry, ...]] = {}
        self._entries: list[Entry] = []
        self._take(tuple(shelf.entries()))
        self.state: TrialState = replay(occurred(self._entries))

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
        """Where the log ends."""
        return self.shelf.head()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, in order."""
        return tuple(self._entries)

    def _take(self, entries: tuple[Entry, ...]) -> None:
        self._entries += entries
        for entry in entries:
            self._keys[entry.key] = (*self._keys.get(entry.key, ()), entry)

    def submit(self, command: AnyCommand, *, actor: Actor, at: datetime, key: str) -> Outcome:
        """Carry out a command and record what follows from it.

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
        draft = Drafting(self.protocol, self.state, self.head.sequence + 1, at, actor)
        if key in self._keys:
            return self._repeated(command, key)
        objections = (*object_to(command, actor, self.state), *_object_to_date(command, at))
        if objections:
            raise Refused(objections)
        carry_out(command, draft)
        stamp = Stamp(at, actor, self.state.study or draft.state.study, self.protocol.digest, key)
        entries = seal([Draft(*encode(event)) for event in draft.events], stamp, self.head, self.salts)
        self.shelf.append(entries, self.head)
        self._take(entries)
        self.state = draft.state
        return Outcome(entries, tuple(draft.events), tuple(draft.deviations), tuple(draft.findings))

    def _repeated(self, command: AnyCommand, key: str) -> Outcome:
        """Answer a retry as the first time; another command under a used key is refused (TW-C060)."""
        entries = self._keys[key]
        given = command.model_dump(mode="json")
        first = entries[0].fields
        if any(name in first and first[name] != given[name] for name in given):
            detail = f"It recorded {entries[0].kind} at entry {entries[0].sequence}."
            finding = Finding("TW-C060", Severity.ERROR, Place("command"), f"The key `{key}` was used for something else", detail)
            raise Refused((finding,))
        return Outcome(entries, tuple(fact.event for fact in occurred(entries)), (), (), repeated=True)


def _object_to_date(command: AnyCommand, at: datetime) -> tuple[Finding, ...]:
    """A fact cannot lie in the future (a day is allowed for time zones), nor before there were trials (TW-C061)."""
    on = command.on
    if recording.earliest_sensible() <= on <= (at + timedelta(days=1)).date():
        return ()
    where = "in the future" if on > at.date() else "too long ago"
    title = f"The date {on} lies {where}"
    return (Finding("TW-C061", Severity.ERROR, Place("command", path="on"), title, f"It is recorded on {at.date()}."),)


def carry_out(command: AnyCommand, draft: Drafting) -> None:
    """Draft the events of a command, or raise Refused."""
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
    }
    carry = table[type(command)]
    assert callable(carry)
    carry(command, draft)
