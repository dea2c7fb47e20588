"""The typed study: the file's model, its reader, and the expression language. Runs nothing."""

from trialwright.protocol.reader import ProtocolReading, parse_protocol, read_protocol
from trialwright.protocol.study import Protocol

__all__ = ["Protocol", "ProtocolReading", "parse_protocol", "read_protocol"]
