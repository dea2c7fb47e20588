"""Checks the names that a file declares: none is a word of the language, none means two things. Resolves no reference."""

from __future__ import annotations

from collections.abc import Iterable

from trialwright.protocol.expressions import reserved_words
from trialwright.protocol.model.file import ProtocolFile
from trialwright.protocol.problems import Problems
from trialwright.protocol.source import Path

_MILESTONE_WORDS = frozenset({"consent", "enrolment", "enrollment", "randomisation", "randomization"})


def check_names(file: ProtocolFile, problems: Problems) -> None:
    """Refuse names that an expression would read as something else (TW-S012), and one name for two things (TW-S006).

    Codes and arms may be called like a word: they can be quoted.
    """
    words = reserved_words()
    groups = file.adverse_events.special_interest if file.adverse_events else {}
    _refuse(file.variables, ("variables",), "variable", words, problems)
    _refuse(file.parameters, ("parameters",), "parameter", words, problems)
    _refuse(file.responses, ("responses",), "response", words, problems)
    _refuse(groups, ("adverse_events", "special_interest"), "group of adverse events", words | {"adverse"}, problems)
    _refuse(file.dosing, ("dosing",), "intervention", words | {"total"}, problems)
    _refuse(file.states, ("states",), "state", _MILESTONE_WORDS, problems)
    for index, encounter in enumerate(file.schedule.encounters if file.schedule else ()):
        path: Path = ("schedule", "encounters", index, "id")
        if encounter.id in _MILESTONE_WORDS:
            _add(encounter.id, path, "encounter", problems)
        _one_meaning(encounter.id, path, "visit", file, problems)
    for name in sorted(file.variables.keys() & file.parameters.keys()):
        problems.add("TW-S006", ("parameters", name), f"A variable is called `{name}` too", "Names must be unique.")
    for name in file.states:
        if name in file.variables:
            _twice(name, ("states", name), "state", "variable", problems)


def _refuse(names: Iterable[str], parent: Path, what: str, words: frozenset[str], problems: Problems) -> None:
    for name in names:
        if name in words:
            _add(name, (*parent, name), what, problems)


def _add(name: str, path: Path, what: str, problems: Problems) -> None:
    detail = f"An expression could not tell the {what} from the word."
    problems.add("TW-S012", path, f"`{name}` is a word of the language", detail, f"{name}_value", f"the_{name}")


def _one_meaning(name: str, path: Path, what: str, file: ProtocolFile, problems: Problems) -> None:
    """Time is counted from visits, states, dates and readings alike, so their names must differ."""
    for other, declared in (("variable", file.variables), ("state", file.states)):
        if name in declared:
            _twice(name, path, what, other, problems)


def _twice(name: str, path: Path, what: str, other: str, problems: Problems) -> None:
    detail = f"`time since {name}` could count from the {what} or from the {other}."
    problems.add("TW-S006", path, f"A {what} and a {other} are both called `{name}`", detail, f"{name}_{what}")
