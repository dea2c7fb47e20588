"""What can happen in a trial, in the past tense, and its versioned codec."""

from trialwright.events.catalogue import AnyEvent, Event, ParticipantEvent
from trialwright.events.codec import UnknownEvent, decode, encode
from trialwright.events.occurred import Occurred

__all__ = ["AnyEvent", "Event", "Occurred", "ParticipantEvent", "UnknownEvent", "decode", "encode"]
