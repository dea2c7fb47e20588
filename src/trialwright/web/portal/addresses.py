"""The parameters of an address, and the addresses that differ from it by one parameter. Knows no parameter by its meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

LONGEST_VALUE = 2_000
MOST_PAIRS = 120


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names with their values, in order; empty values are left out.

    Args:
        pairs: Name and value, each name as often as it has values.
    """

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, lists: Iterable[tuple[str, Sequence[str]]]) -> Parameters:
        """Those of a request, cut to a bearable number and length, control characters made blanks."""
        found = [(name, _clean(value)) for name, values in lists for value in values]
        return cls(tuple((name, value) for name, value in found if value)[:MOST_PAIRS])

    def first(self, name: str) -> str:
        """The first value of a name; empty where it has none."""
        return next((value for one, value in self.pairs if one == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a name, each once."""
        return tuple(dict.fromkeys(value for one, value in self.pairs if one == name))

    def named(self, names: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """The values of those names that have any."""
        return {name: found for name in names if (found := self.all(name))}

    def without(self, *names: str) -> Parameters:
        """Without any value of those names."""
        return Parameters(tuple(pair for pair in self.pairs if pair[0] not in names))

    def minus(self, name: str, value: str) -> Parameters:
        """Without that value of that name."""
        return Parameters(tuple(pair for pair in self.pairs if pair != (name, value)))

    def plus(self, name: str, value: str) -> Parameters:
        """With a further value of that name."""
        return Parameters((*self.minus(name, value).pairs, (name, value)))

    def put(self, name: str, value: str) -> Parameters:
        """With that value alone under that name; without the name where the value is empty."""
        kept = self.without(name).pairs
        return Parameters((*kept, (name, value)) if value else kept)

    @property
    def query(self) -> str:
        """As it stands in an address, with the question mark; a lone ``?`` where there is nothing."""
        return "?" + "&".join(f"{quote_plus(name)}={quote_plus(value, safe=':,()')}" for name, value in self.pairs)


def _clean(value: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value[:LONGEST_VALUE]).split())
