"""The registry's enumerations: their values, the words that classic records used, and reading either from a query.

Source: the registry's list of enumerations (41). Never guesses: a word that names no value reads as ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from trialwright.registry.structure.tree import read_data

_NOT_PLAIN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One value.

    Args:
        value: As records hold it, such as ``ACTIVE_NOT_RECRUITING``.
        legacy: As classic records and pages say it, such as ``Active, not recruiting``.
        exceptions: Where a piece says it otherwise: piece name to words, such as ``Anticipated`` for ``ESTIMATED``.
    """

    value: str
    legacy: str
    exceptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enumeration.

    Args:
        type: Its name, such as ``Status``.
        pieces: The pieces whose values it lists.
        values: In the registry's order.
    """

    type: str
    pieces: tuple[str, ...]
    values: tuple[EnumValue, ...]

    def value_of(self, words: str) -> str | None:
        """The value that words name, by its own spelling or the classic one; case, spaces and hyphens don't matter.

        >>> enum_type("Phase").value_of("phase 2"), enum_type("Status").value_of("Active, not recruiting")
        ('PHASE2', 'ACTIVE_NOT_RECRUITING')
        """
        return _spellings(self.type).get(_folded(words))

    def label_of(self, value: str) -> str:
        """The classic spelling of a value, as pages say it; the value itself where it has none.

        >>> enum_type("Status").label_of("ACTIVE_NOT_RECRUITING")
        'Active, not recruiting'
        """
        return next((one.legacy for one in self.values if one.value == value), value)


@cache
def enums() -> tuple[EnumType, ...]:
    """Every enumeration, in the registry's order."""
    return tuple(_read_enum(node) for node in read_data("enums"))


@cache
def enum_type(name: str) -> EnumType:
    """The enumeration of a name.

    Raises:
        KeyError: There is none of that name.
    """
    return {enum.type: enum for enum in enums()}[name]


@cache
def _spellings(name: str) -> Mapping[str, str]:
    enum = enum_type(name)
    found: dict[str, str] = {}
    for value in enum.values:
        for words in (value.value, value.legacy, *value.exceptions.values()):
            found.setdefault(_folded(words), value.value)
    return MappingProxyType(found)


def _folded(words: str) -> str:
    return _NOT_PLAIN.sub("", words).casefold()


def _read_enum(node: dict[str, object]) -> EnumType:
    pieces, values = node["pieces"], node["values"]
    assert isinstance(pieces, list)
    assert isinstance(values, list)
    return EnumType(
        str(node["type"]),
        tuple(pieces),
        tuple(EnumValue(each["value"], each["legacyValue"], MappingProxyType(each.get("exceptions", {}))) for each in values),
    )
