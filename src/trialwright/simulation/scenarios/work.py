"""A piece of work: scenarios of one design, how many trials of each, cut into chunks that anybody may play in any order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trialwright import __version__
from trialwright.simulation.characteristics.building import WITHOUT_ERROR
from trialwright.simulation.characteristics.result import Provenance
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.run import Compiled
from trialwright.simulation.scenarios.grid import Scenario, check_memory, check_trials

ENGINE = f"operating characteristics {__version__}"
SMALLEST_BATCHES, FEWER_BATCHES, MANY = 40, 20, 20  # fewer where there are many scenarios
LARGEST_COMPILED, LARGEST_INTERPRETED = 100_000, 1_000


@dataclass(frozen=True, slots=True)
class Task:
    """Some trials of one scenario: ``first`` … ``first + count - 1``."""

    scenario: int
    first: int
    count: int

    @property
    def trials(self) -> range:
        """The numbers of its trials."""
        return range(self.first, self.first + self.count)


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be simulated.

    Args:
        compiled: The design.
        seed: What the random numbers follow from.
        trials: Trials of each scenario; the same numbers in each, so that the scenarios share their random numbers.
        scenarios: What differs.
        numbers: The parameters of each scenario.
        chunk: Trials of a task, but for the last.
        rates: Response rates that the planned interval is held against; the file's where empty.
        compared: The measure that scenarios are compared by, chunk by chunk; all of them where it is empty.
    """

    compiled: Compiled
    seed: int
    trials: int
    scenarios: tuple[Scenario, ...]
    numbers: tuple[Parameters, ...]
    chunk: int
    rates: tuple[float, ...] = ()
    compared: str = WITHOUT_ERROR

    @property
    def total(self) -> int:
        """Trials of all scenarios together."""
        return self.trials * len(self.scenarios)

    def tasks(self) -> Iterator[Task]:
        """Every task; a chunk of each scenario before the next chunk, so that what is broken off is equally far in all."""
        for first in range(0, self.trials, self.chunk):
            count = min(self.chunk, self.trials - first)
            for scenario in range(len(self.scenarios)):
                yield Task(scenario, first, count)

    def digest(self, scenario: int) -> str:
        """What the tallies of a scenario follow from, but for the numbers of the trials; hexadecimal."""
        inputs = {**self.inputs(), "settings": dict(sorted(self.scenarios[scenario].settings.items()))}
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()

    def inputs(self) -> dict[str, str]:
        """What all scenarios have in common, by name, as text."""
        return {
            "protocol": self.compiled.design.protocol.digest,
            "virtual": virtual_digest(self.compiled),
            "seed": str(self.seed),
            "engine": ENGINE,
            **({"arm": self.compiled.arm} if self.compiled.arm else {}),
        }

    def provenance(self, scenario: int, trials: int) -> Provenance:
        """What the result of a scenario says of itself when so many trials were played."""
        protocol, operating = self.compiled.design.protocol, self.compiled.reading.operating
        return Provenance(
            study=protocol.id,
            version=protocol.file.study.version,
            protocol=protocol.digest,
            virtual=virtual_digest(self.compiled),
            title=operating.title if operating is not None else "",
            seed=self.seed,
            settings=dict(self.scenarios[scenario].settings),
            trials=trials,
            planned=self.trials,
            participants=self.numbers[scenario].participants,
            engine=f"{ENGINE}, {'compiled' if self.compiled.kernel is not None else 'interpreted'}",
            arm=self.compiled.arm,
        )


def virtual_digest(compiled: Compiled) -> str:
    """SHA-256 of what a file of chances states (its comments are none of it)."""
    source = compiled.reading.source
    assert source is not None
    return hashlib.sha256(json.dumps(source.data, sort_keys=True, default=_text).encode()).hexdigest()


def _text(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def chunk_of(trials: int, compiled: bool = True, batches: int = SMALLEST_BATCHES) -> int:
    """Trials of a chunk: 1, 2 or 5 times a power of ten, so that 40 chunks or more give errors; few enough to be done soon."""
    wanted = max(1, min(trials // batches, LARGEST_COMPILED if compiled else LARGEST_INTERPRETED))
    power = int("1" + "0" * (len(str(wanted)) - 1))
    return max(times * power for times in (1, 2, 5) if times * power <= wanted)


def plan_work(
    compiled: Compiled,
    seed: int,
    trials: int,
    wanted: Sequence[Scenario],
    rates: Sequence[float] = (),
    compared: str | None = None,
) -> Work:
    """Check everything before the first trial, and cut the work into chunks.

    Args:
        compiled: The design.
        seed: 0 … 2**64 - 1.
        trials: Trials of each scenario.
        wanted: The scenarios, at least one.
        rates: Response rates that the planned interval is held against.
        compared: The measure that scenarios, or this work and another, are compared by; "" for all. Where it is left out,
            all of several scenarios, and nothing of one.

    Raises:
        Refused: No trials or too many, a number that does not exist or does not fit, more counts than fit.
    """
    check_trials(trials, len(wanted))
    numbers = tuple(compiled.parameters(settings_of(one)) for one in wanted)
    check_memory(max(compiled.layout(one).size for one in numbers) * 8, len(wanted))
    chunk = chunk_of(trials, compiled.kernel is not None, SMALLEST_BATCHES if len(wanted) <= MANY else FEWER_BATCHES)
    by = compared if compared is not None else "" if len(wanted) > 1 else WITHOUT_ERROR
    return Work(compiled, seed, trials, tuple(wanted), numbers, chunk, tuple(rates), by)


def settings_of(scenario: Scenario) -> Mapping[str, str | float | Decimal]:
    """The settings of a scenario as the reader of files takes them."""
    return dict(scenario.settings)
