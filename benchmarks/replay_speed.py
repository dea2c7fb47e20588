"""How fast a log of 100,000 events is decoded and replayed into state, set beside what `json.loads` takes to read it.

One simulated participant of the seed's length is played by hand and repeated under other names, so the mix of kinds is
that of a trial. Run it by itself: `python benchmarks/replay_speed.py [events]`.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from trialwright.engine.apply import replay
from trialwright.events import Event, Occurred, decode, encode
from trialwright.events import catalogue as happened

BEGAN = datetime(2020, 1, 6, 9, tzinfo=UTC)
VARIABLES = ("wbc", "eos_pct", "anc", "platelets", "bilirubin", "transaminase", "haemoglobin", "weight", "symptoms")
DIGEST = "0" * 64


def visit(who: str, week: int, first: int) -> Iterator[Event]:
    """One weekly visit: what was seen, and what was decided on it."""
    on = (BEGAN + timedelta(days=7 * week)).date()
    told = {"participant": who, "on": on}
    yield happened.EncounterHeld(**told, encounter="week", occurrence=week + 1)
    for variable in VARIABLES:
        yield happened.ObservationRecorded(**told, variable=variable, value="4.10", unit="10*9/L", encounter="week")
    entries = tuple(range(first + 1, first + 1 + len(VARIABLES)))
    decided = {**told, "references": entries, "inputs_digest": DIGEST, "engine": "trialwright-engine-1"}
    yield happened.ResponseAssessed(**decided, response="haematological", category="none", assessable=True, confirmed=True)
    dose = {**told, "intervention": "imatinib", "dose": "100", "unit": "mg/d"}
    yield happened.DoseAdvised(**{**decided, **dose}, action="same", rule="continue")
    yield happened.DosePrescribed(**dose, advised=first + 1 + len(VARIABLES) + 1)
    yield happened.DoseAdministered(**dose)


def participant(who: str, first: int) -> list[Event]:
    """A simulated participant's events, ``first`` being the sequence number of the first."""
    on = BEGAN.date()
    events: list[Event] = [
        happened.CandidateRegistered(participant=who, on=on, site="Simulated site 1"),
        happened.ConsentGiven(participant=who, on=on, by=("participant",)),
        happened.ParticipantEnrolled(participant=who, on=on),
    ]
    for week in range(20):
        events += visit(who, week, first + len(events))
    corrected = first + 4
    events.append(happened.ObservationCorrected(participant=who, on=on, corrects=corrected, value="5.00", reason="slip"))
    events.append(
        happened.AdverseEventReported(
            participant=who, on=on, term="Rash", grade=2, serious=False, related=True, expected=True, aware_on=on
        )
    )
    return events


def sample(count: int) -> list[Occurred]:
    """Events of as many simulated participants as make ``count``, in the order in which they were recorded."""
    events: list[Event] = [
        happened.TrialOpened(
            study="speed", title="Speed (simulated)", simulated=True, sites=("Simulated site 1",), on=BEGAN.date()
        )
    ]
    number = 0
    while len(events) < count:
        number += 1
        events += participant(f"P{number:04d}", len(events))
    return [Occurred(sequence, event, BEGAN, "simulated", DIGEST) for sequence, event in enumerate(events[:count])]


def main(count: int = 100_000) -> None:
    occurred = sample(count)
    written = [json.dumps([fact.sequence, *encode(fact.event)]) for fact in occurred]
    begun = time.process_time()
    parsed = [json.loads(line) for line in written]
    reading = time.process_time() - begun
    begun = time.process_time()
    facts = [replace(fact, event=decode(*row[1:])) for fact, row in zip(occurred, parsed, strict=True)]
    decoding = time.process_time() - begun
    begun = time.process_time()
    state = replay(facts)
    replaying = time.process_time() - begun
    tracemalloc.start()
    replay(facts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    whole = decoding + replaying
    print(f"{count:,} events, {len(state.participants):,} participants")
    print(f"  json.loads {reading:6.2f} s")
    print(f"  decode     {decoding:6.2f} s   {decoding / reading:5.1f} x json.loads")
    print(f"  replay     {replaying:6.2f} s   {replaying / reading:5.1f} x json.loads, {peak / 2**20:.0f} MB at most")
    print(f"  decode and replay: {count / whole:,.0f} events/s (wanted: at least 20,000)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
