"""What can be wrong with a log: one finding for each kind, worded in one place. Decides nothing."""

from __future__ import annotations

from trialwright.vocabulary.findings import Finding, Place, Severity

_RESTORE = "restore the log from a copy that another site or a backup holds"
_SEE = "compare with another copy of the log, line by line from here"
_RECOVER = "trialwright log recover, which keeps the torn bytes in a file of their own"

UNREADABLE = "TW-L001"
NOT_CANONICAL = "TW-L002"
ALTERED = "TW-L003"
VALUE_CHANGED = "TW-L004"
CHAIN_BROKEN = "TW-L005"
MISSING = "TW-L006"
DUPLICATED = "TW-L007"
OUT_OF_ORDER = "TW-L008"
ANOTHER_TRIAL = "TW-L009"
CUT = "TW-L010"
REWRITTEN = "TW-L011"
TORN = "TW-L012"
HALF_A_COMMAND = "TW-L013"
KEY_TWICE = "TW-L014"
SALT_MISSING = "TW-L015"
CLOCK_BACK = "TW-L016"
NO_FILE = "TW-L017"

_WAYS_OUT: dict[str, tuple[str, ...]] = {
    UNREADABLE: (_RESTORE,),
    NOT_CANONICAL: (_RESTORE, "never open the log in an editor or a spreadsheet that saves it"),
    ALTERED: (_RESTORE, _SEE),
    VALUE_CHANGED: (_RESTORE, "record a correction instead of changing a value"),
    CHAIN_BROKEN: (_RESTORE, _SEE),
    MISSING: (_RESTORE, _SEE),
    DUPLICATED: (_RESTORE, _SEE),
    OUT_OF_ORDER: (_RESTORE, _SEE),
    ANOTHER_TRIAL: (_RESTORE, "keep each trial's log in a folder of its own"),
    CUT: (_RESTORE, "see whether the expected head belongs to this log"),
    REWRITTEN: (_RESTORE, _SEE),
    TORN: (_RECOVER,),
    HALF_A_COMMAND: (_RECOVER, _RESTORE),
    KEY_TWICE: (_SEE,),
    SALT_MISSING: (_RESTORE, "erase a value together with its salt"),
    CLOCK_BACK: ("see whether the clock of the recording computer was set back",),
    NO_FILE: ("give the path of a log file", "trialwright init, which begins a log"),
}


def complaint(code: str, place: Place, title: str, detail: str) -> Finding:
    """One finding about a log; all are errors but a clock that went back, which happens without fault."""
    severity = Severity.WARNING if code == CLOCK_BACK else Severity.ERROR
    return Finding(code, severity, place, title, detail, _WAYS_OUT[code])


def torn(place: Place, offset: int, length: int) -> Finding:
    """The file ends within a line."""
    return complaint(
        TORN,
        place,
        f"The last line is torn at byte {offset}",
        f"The file ends with {length} bytes that no line feed closes: a write was cut off, as when the power fails. "
        "What was being written was never acknowledged; every line before it stands.",
    )


def half_a_command(place: Place, offset: int, entries: int, rest: int) -> Finding:
    """The file ends between the entries of one command."""
    return complaint(
        HALF_A_COMMAND,
        place,
        f"The last command is half written from byte {offset}",
        f"The command has {entries} of its entries here, and {rest} more should follow. A command is kept whole or not at "
        "all; this one was never acknowledged.",
    )


def unreadable(place: Place, reason: str) -> Finding:
    """A line that is no entry."""
    return complaint(UNREADABLE, place, "The line is not an entry", f"The line cannot be read: {reason}.")


def no_file(place: Place, reason: str) -> Finding:
    """There is no log to read."""
    return complaint(NO_FILE, place, "The log cannot be opened", f"Opening the file failed: {reason}.")
