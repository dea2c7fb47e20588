"""The virtual people of a rehearsal: a typed file, every number with its unit and source, checked against a protocol."""

from trialwright.simulation.virtual.model import Virtual
from trialwright.simulation.virtual.reader import VirtualReading, parse_virtual, read_virtual

__all__ = ["Virtual", "VirtualReading", "parse_virtual", "read_virtual"]
