"""Makes the operating characteristics of a scenario from its tally. Pure: the same counts give the same result."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trialwright.simulation.characteristics.deciding import decision_probabilities, null_rates
from trialwright.simulation.characteristics.enrolling import accrual_fan, enrolment_distributions, enrolment_probabilities
from trialwright.simulation.characteristics.estimates import of_batches
from trialwright.simulation.characteristics.exposed import event_means, exposure_distributions, exposure_probabilities, flow
from trialwright.simulation.characteristics.responding import responder_distributions, response_probabilities
from trialwright.simulation.characteristics.result import Characteristics, Probability, Provenance
from trialwright.simulation.characteristics.subject import Subject
from trialwright.simulation.operating.file import OfTrait
from trialwright.simulation.operating.run import Compiled
from trialwright.simulation.operating.tally import Tally

FEWEST_BATCHES = 10
WITHOUT_ERROR = "without an error of its own"


@dataclass(frozen=True, slots=True)
class Measures:
    """Every probability and mean of some trials, by id, without errors; kept small, since there is one for each batch."""

    names: tuple[str, ...]
    values: NDArray[np.float64]

    def value(self, name: str) -> float:
        """Return one of them; not a number where there is none of that name."""
        return float(self.values[self.names.index(name)]) if name in self.names else math.nan


def subject_of(compiled: Compiled, tally: Tally) -> Subject:
    """Put a design and a tally of it together."""
    shown = {name: record.trait for name, record in compiled.operating.records.items() if isinstance(record, OfTrait)}
    return Subject(compiled.design, tally, compiled.monitoring, shown)


def characterise(
    compiled: Compiled,
    tally: Tally,
    provenance: Provenance,
    rates: Sequence[float] = (),
    batches: Sequence[Measures] = (),
) -> Characteristics:
    """Make everything that is told of a scenario.

    Args:
        compiled: What was played.
        tally: What was counted, at least one trial.
        provenance: What the result says of itself.
        rates: Response rates (0-1) that the planned interval is held against; those of the file where none is given.
        batches: Values in equal batches of the trials, as ``measured`` gives them, for what has no error of its own.

    Raises:
        ValueError: The tally is empty (our bug).
    """
    if tally.trials == 0:
        raise ValueError("nothing was simulated, so nothing can be said")
    subject = subject_of(compiled, tally)
    chosen = tuple(rates) or null_rates(compiled.design.protocol)
    probabilities = tuple(_with_error(one, batches) for one in _probabilities(subject, chosen))
    distributions = (*responder_distributions(subject), *exposure_distributions(subject), *enrolment_distributions(subject))
    return Characteristics(provenance, distributions, probabilities, flow(subject), accrual_fan(subject), tuple(_notes(subject)))


def measured(compiled: Compiled, tally: Tally, rates: Sequence[float] = (), wanted: str = "") -> Measures:
    """Return the probabilities and means of a tally; it is what batches are compared by.

    Args:
        compiled: What was played.
        tally: What was counted.
        rates: As in ``characterise``.
        wanted: Only those of the kind of this measure, or ``WITHOUT_ERROR``; all where it is empty.
    """
    subject = subject_of(compiled, tally)
    chosen = tuple(rates) or null_rates(compiled.design.protocol)
    found = {one.id: one.estimate.value for one in _of_kind(subject, chosen, wanted)}
    return Measures(_shared(tuple(found)), np.array(list(found.values()), np.float64))


def _of_kind(subject: Subject, rates: tuple[float, ...], wanted: str) -> Iterator[Probability]:
    if wanted == WITHOUT_ERROR:
        return event_means(subject)
    if wanted.startswith("decision."):
        return decision_probabilities(subject, rates)
    if wanted.startswith(("response", "responders")):
        return response_probabilities(subject)
    return _probabilities(subject, rates)


@lru_cache(maxsize=256)
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """One object for equal names, however many batches have them."""
    return names


def _probabilities(subject: Subject, rates: tuple[float, ...]) -> Iterator[Probability]:
    yield from response_probabilities(subject)
    yield from decision_probabilities(subject, rates)
    yield from exposure_probabilities(subject)
    yield from enrolment_probabilities(subject)


def _with_error(one: Probability, batches: Sequence[Measures]) -> Probability:
    if not math.isnan(one.estimate.error) or math.isnan(one.estimate.value) or len(batches) < FEWEST_BATCHES:
        return one
    return replace(one, estimate=of_batches(column(batches, one.id), one.estimate.value))


def column(batches: Iterable[Measures], name: str) -> NDArray[np.float64]:
    """One measure over batches; not a number where a batch has none."""
    return np.array([batch.value(name) for batch in batches], np.float64)


def _notes(subject: Subject) -> Iterator[str]:
    yield "Every participant, site and number is simulated; none is a result of the trial, of a hospital or of an investigator."
    yield "An error is a Monte Carlo error: how far simulation lies from the model, not how far the model lies from the truth."
    goal = subject.design.goal
    if goal is None:
        yield "Nothing counts as a response in this protocol and file, so no responders are told."
    elif subject.stops_early:
        yield (
            "Trials end at different sizes here: the interval is that of the participants who were enrolled, as if no look had "
            "been taken, and planned associations are not tested."
        )
    if subject.tally.has("accrual") and subject.tally.table("accrual")[:, -1].any():
        yield "Some trials enrolled for longer than the fan of accrual is drawn."
