"""What every analysis starts from: the people, the plan's small words, and how a result is made with its caveats.

Estimates nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from trialwright.analysis.estimators.competing import IncidenceCurve
from trialwright.analysis.estimators.survival import SurvivalCurve
from trialwright.analysis.result import Result
from trialwright.datasets.followed import Followed, follow_all
from trialwright.datasets.plan import NotCarriedOut
from trialwright.datasets.populations import Split, population, population_words
from trialwright.engine.state import TrialState
from trialwright.protocol.model.aims import Endpoint
from trialwright.protocol.model.node import Sourced
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.units import UnitError, parse_unit

_INTERVAL = re.compile(r"^(?P<method>[a-z][a-z -]*?(?:\([^()]*\))?)\s*(?P<level>\d+(?:\.\d+)?)\s*%$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows behind a result as text: the first column is the participant, the last the log entries."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """A result with the rows behind it and, for a time to an event, its curves."""

    result: Result
    evidence: Evidence
    survival: SurvivalCurve | None = None
    incidence: tuple[tuple[str, IncidenceCurve], ...] = ()


@dataclass(frozen=True, slots=True)
class Cohort:
    """A trial's people under its protocol, and what every result states: the log's head and whether they are simulated."""

    protocol: Protocol
    everyone: tuple[Followed, ...]
    head: str
    simulated: bool

    @classmethod
    def of(cls, protocol: Protocol, state: TrialState, head: str = "", simulated: bool | None = None) -> Cohort:
        """Everybody in a state; ``simulated`` is the state's own unless it is given."""
        return cls(protocol, follow_all(protocol, state), head, state.simulated if simulated is None else simulated)

    def endpoint(self, endpoint_id: str) -> Endpoint:
        """An endpoint of the protocol.

        Raises:
            KeyError: The protocol has none of that name.
        """
        return self.protocol.file.endpoints[endpoint_id]

    def population(self, endpoint: Endpoint) -> Split:
        """Members of the endpoint's population (everybody enrolled, where it names none)."""
        return population(self.protocol, endpoint.population or "enrolled", self.everyone)

    def population_words(self, endpoint: Endpoint) -> str:
        """The population, and its restriction, as a reader should see them."""
        words = population_words(self.protocol, endpoint.population or "enrolled")
        return f"{words}, among: {endpoint.among}" if endpoint.among else words


def read_interval(text: str | None, default: str) -> tuple[str, float]:
    """Read ``clopper-pearson 95 %`` into the method (lower case) and the level (0-1); ``credible beta(1, 1) 95 %`` too.

    Raises:
        NotCarriedOut: The text is no interval.
    """
    found = _INTERVAL.match((text or default).strip())
    if found is None or not 0 < float(found["level"]) < 100:
        raise NotCarriedOut(f"the interval “{text}” cannot be read; write `{default}`")
    return found["method"].strip().lower().replace(" ", "-"), float(found["level"]) / 100


def assumption_note(name: str, node: Sourced | None) -> tuple[str, ...]:
    """The node's assumption with its source as a sentence; nothing where it makes none."""
    if node is None or not node.assumption:
        return ()
    source = f" (source: {node.source})" if node.source else ""
    text = node.assumption.rstrip(".")
    return (f"Assumption, {name}: {text}{source}.",)


def unknown_note(unknown: Iterable[Followed | str]) -> tuple[str, ...]:
    """Name those of whom it is not known whether they belong; they are left out."""
    names = [one if isinstance(one, str) else one.id for one in unknown]
    return (f"Not known whether they belong, and left out: {', '.join(names)}.",) if names else ()


def entries_text(entries: Iterable[int]) -> str:
    """Log entries as text, in order."""
    return ", ".join(str(entry) for entry in sorted(set(entries)))


def with_unit(text: str) -> str:
    """A quantity as people write it: ``0.5 ×10⁹/L`` for ``0.5 10*9/L``."""
    number, _, unit = text.strip().partition(" ")
    try:
        return f"{number} {parse_unit(unit).label}".strip()
    except UnitError:
        return text


def listed(names: Iterable[str]) -> str:
    """Names with commas; a dash where there is none."""
    return ", ".join(names) or "–"
