"""Simulation: whole trials played with simulated people, through the same commands that a site would use.

Everything that comes out of this room is simulated and says so; nothing here states or implies a result of a real trial.
"""

from trialwright.simulation.compare import Comparison, Rehearsed, compare, rehearse_many
from trialwright.simulation.rehearsal import Progress, Rehearsal, rehearse
from trialwright.simulation.virtual import Virtual, VirtualReading, parse_virtual, read_virtual

__all__ = [
    "Comparison",
    "Progress",
    "Rehearsal",
    "Rehearsed",
    "Virtual",
    "VirtualReading",
    "compare",
    "parse_virtual",
    "read_virtual",
    "rehearse",
    "rehearse_many",
]
