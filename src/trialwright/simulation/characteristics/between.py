"""How arms that were played apart compare: the difference of their response rates, and how often the plan's test finds one.

A simulated comparison is decided by the estimators that analyze a real trial, once for each pair of counts. Since the arms are
independent, the chance of a decision is the sum over all pairs, each with the product of its chances; so every simulated trial of
one arm meets every one of the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.cohort import read_interval
from trialwright.analysis.estimators.contingency import fisher_p_values
from trialwright.analysis.estimators.proportion import difference
from trialwright.datasets.plan import NotCarriedOut
from trialwright.protocol.compile_designs import read_chance
from trialwright.protocol.model.aims import Endpoint
from trialwright.protocol.study import Protocol
from trialwright.simulation.characteristics.estimates import NOTHING, Z95, Counts, Estimate
from trialwright.simulation.characteristics.result import Probability
from trialwright.simulation.operating.design import Goal

BETWEEN = "Between the arms"
LEVEL = 0.05
_AGAINST = re.compile(r"\s*(.+?)\s+(?:against|versus|vs\.?|with)\s+(.+?)\s*(?:,\s*(.+?)\s*)?", re.IGNORECASE)
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Planned:
    """One comparison: two arms, and by which test or interval; ``endpoint`` is empty where the plan has none.

    Args:
        endpoint: Of the plan.
        one: The arm that the difference is counted for.
        other: The arm that is taken away from it.
        method: Fisher's exact test, Newcombe's interval, or nothing but the difference.
        alpha: Two-sided error (0-1).
        margin: Of non-inferiority or equivalence, in rates; 0 where there is none.
    """

    endpoint: str
    one: str
    other: str
    method: str
    alpha: float
    margin: float = 0.0

    @property
    def words(self) -> str:
        """How it is decided."""
        match self.method:
            case "fisher":
                return f"Fisher's exact test, two-sided p below {self.alpha:g}"
            case "newcombe":
                return f"Newcombe's interval of the difference, {(1 - self.alpha) * 100:g} %"
            case _:
                return "the plan decides nothing by it"


def planned_comparisons(
    protocol: Protocol, goal: Goal | None, arms: Sequence[str]
) -> tuple[tuple[Planned, ...], tuple[str, ...]]:
    """The comparisons of responders that the plan names, and a sentence for each comparison that is not simulated.

    Where the plan names none, every later arm against the first is told, without a decision.
    """
    found: list[Planned] = []
    notes: list[str] = []
    for name, endpoint in protocol.file.endpoints.items():
        if endpoint.measure == "association" and endpoint.with_ == "arm" and goal is not None and endpoint.of == goal.endpoint:
            if len(arms) == 2:
                found.append(Planned(name, arms[1], arms[0], "fisher", _alpha(protocol)))
            else:
                notes.append(f"{endpoint.label}: an association with {len(arms)} arms is not simulated.")
        elif endpoint.compare:
            pairs = _pairs(protocol, endpoint.compare, arms)
            if not _counts(name, endpoint, goal):
                notes.append(f"{endpoint.label}: “{endpoint.compare}” is not simulated; what is counted is {_counted(goal)}.")
            elif not pairs:
                notes.append(f"{endpoint.label}: “{endpoint.compare}” does not tell which arms are compared.")
            else:
                method, alpha, margin = _method(protocol, endpoint)
                found += [Planned(name, one, other, method, alpha, margin) for one, other in pairs]
    if goal is not None and not found:
        found = [Planned("", one, arms[0], "", LEVEL) for one in arms[1:]]
        notes.append("The plan compares no response rates between arms; their difference is told without a decision.")
    return tuple(found), tuple(notes)


def _counted(goal: Goal | None) -> str:
    return "nothing here" if goal is None else f"“{goal.endpoint or goal.response}”"


def _counts(name: str, endpoint: Endpoint, goal: Goal | None) -> bool:
    """Whether an endpoint is about those who are counted as responders."""
    if goal is None:
        return False
    same = (endpoint.response, endpoint.category, endpoint.confirmed) == (goal.response, goal.category, goal.confirmed)
    return name == goal.endpoint or (endpoint.measure == "response" and same)


def _pairs(protocol: Protocol, text: str, arms: Sequence[str]) -> list[tuple[str, str]]:
    found = _AGAINST.fullmatch(text)
    if found is None:
        return [(arms[0], arms[1])] if len(arms) == 2 else []
    one, other = _named(protocol, found[1], arms), _named(protocol, found[2], arms)
    if other is not None and found[1].casefold().startswith("each"):
        return [(arm, other) for arm in arms if arm != other]
    if one is None and other is not None and len(arms) == 2:
        one = next(arm for arm in arms if arm != other)
    if other is None and one is not None and len(arms) == 2:
        other = next(arm for arm in arms if arm != one)
    return [(one, other)] if one is not None and other is not None and one != other else []


def _named(protocol: Protocol, words: str, arms: Sequence[str]) -> str | None:
    """The one arm of a name: its id, its label (or how that begins), or what it alone receives."""
    wanted = words.casefold().strip()
    declared = protocol.file.arms
    tests = (
        lambda arm: arm.casefold() == wanted,
        lambda arm: declared[arm].label.casefold() == wanted,
        lambda arm: wanted in {one.casefold() for one in declared[arm].receives},
        lambda arm: declared[arm].label.casefold().startswith(wanted),
    )
    for fits in tests:
        match = [arm for arm in arms if fits(arm)]
        if len(match) == 1:
            return match[0]
    return None


def _method(protocol: Protocol, endpoint: Endpoint) -> tuple[str, float, float]:
    """Test or interval, two-sided error, and margin, as the plan says them."""
    alpha = _alpha(protocol)
    if endpoint.interval is not None:
        try:
            alpha = 1 - read_interval(endpoint.interval, "newcombe 95 %")[1]
        except NotCarriedOut:
            alpha = _alpha(protocol)
    margin = _chance(endpoint.margin) or 0.0
    found = _AGAINST.fullmatch(endpoint.compare or "")
    how = (found[3] if found else "") or ""
    return ("newcombe" if margin or "difference" in how.casefold() else "fisher"), round(alpha, 12), margin


def _alpha(protocol: Protocol) -> float:
    """The two-sided error of the plan: of the testing procedure, else of the sample size, else 5 %."""
    for stated in (protocol.file.testing, protocol.file.sample_size):
        alpha = _chance(stated.alpha) if stated is not None else None
        if stated is not None and alpha is not None and 0 < alpha < 0.5:
            return alpha * 2 if stated.sided == 1 else alpha
    return LEVEL


def _chance(text: str | None) -> float | None:
    try:
        return None if text is None else read_chance(text)
    except ValueError:
        return None


def stated_power(protocol: Protocol) -> str:
    """What a design of two arms that the sample size names says of itself; empty where it names none."""
    size = protocol.file.sample_size
    if size is None or size.p0 is None or size.p1 is None:
        return ""
    beta = _chance(size.beta)
    power = size.power or (f"{(1 - beta) * 100:g} %" if beta is not None else "")
    name = f"{size.design}{f', {size.test}' if size.test else ''}" if size.design else "as it is stated"
    return f"power {power} at rates of {size.p0} and {size.p1} ({name})" if power else ""


@lru_cache(maxsize=256)
def decisions(plan: Planned, n_one: int, n_other: int) -> Mapping[str, Flags]:
    """Which pairs of counts lead to each decision; shapes ``(n_one + 1, n_other + 1)``."""
    one, other = np.arange(n_one + 1)[:, None], np.arange(n_other + 1)[None, :]
    above = one * n_other > other * n_one
    match plan.method:
        case "fisher":
            differs = fisher_p_values(n_one, n_other) < plan.alpha
            return {"different": differs, "superior": differs & above}
        case "newcombe":
            found = difference(one, n_one, other, n_other, 1 - plan.alpha)
            decided = {"different": (found.low > 0) | (found.high < 0), "superior": found.low > 0}
            if plan.margin:
                decided |= {"above_margin": found.low > -plan.margin, "below_margin": found.high < plan.margin}
            return {name: np.asarray(flags) for name, flags in decided.items()}
        case _:
            return {}


LABELS = {
    "different": "{one} and {other} are found to differ",
    "superior": "{one} is found above {other}",
    "above_margin": "{one} is found no more than {margin} below {other}",
    "below_margin": "{one} is found no more than {margin} above {other}",
}


def compared(plan: Planned, one: Counts, other: Counts, labels: Mapping[str, str]) -> Iterator[Probability]:
    """Yield the difference of the response rates, and the chance of each decision.

    Args:
        plan: The comparison.
        one: Simulated trials of the first arm by responders; shape ``(n + 1,)``.
        other: Of the other arm.
        labels: What each arm is called.
    """
    names = {"one": labels[plan.one], "other": labels[plan.other], "margin": f"{plan.margin * 100:g} pp"}
    rates = one.size - 1, other.size - 1
    gap = np.arange(one.size)[:, None] / max(1, rates[0]) - np.arange(other.size)[None, :] / max(1, rates[1])
    which = f"{plan.endpoint + '.' if plan.endpoint else ''}{plan.one}.{plan.other}"
    label = f"Response rate, {names['one']} minus {names['other']}"
    yield Probability(f"difference.{which}", label, BETWEEN, over_pairs(gap, one, other))
    for name, flags in decisions(plan, *rates).items():
        said = LABELS[name].format(**names)
        yield Probability(
            f"decision.{which}.{name}", f"{said} ({plan.words})", BETWEEN, over_pairs(flags, one, other, share=True)
        )


def over_pairs(value: NDArray[np.float64] | Flags, one: Counts, other: Counts, share: bool = False) -> Estimate:
    """The mean of something over all pairs of a simulated trial of one arm and one of another.

    Args:
        value: For each pair of counts; shape ``(len(one), len(other))``.
        one: Trials of the one arm by count.
        other: Trials of the other.
        share: Keep the interval within 0 and 1.

    Returns:
        The mean; its error is that of a two-sample U-statistic: the variance of the mean over the other arm, given a trial of
        one, by the number of trials of one, and the same the other way round.

    Source: Hoeffding W, Ann Math Stat 1948;19:293-325 (first-order projection).
    """
    trials = int(one.sum()), int(other.sum())
    if 0 in trials:
        return NOTHING
    p, q = one / trials[0], other / trials[1]
    given_one, given_other = value @ q, p @ value
    mean = float(p @ given_one)
    variance = float(p @ (given_one - mean) ** 2) / trials[0] + float(q @ (given_other - mean) ** 2) / trials[1]
    error = math.sqrt(max(0.0, variance))
    low, high = mean - Z95 * error, mean + Z95 * error
    return Estimate(mean, error, *((max(0.0, low), min(1.0, high)) if share else (low, high)))


def latest(histograms: Sequence[Counts]) -> Estimate:
    """The mean of the largest of independent counts, one of each histogram; errors as in ``over_pairs``."""
    size = max(one.size for one in histograms)
    padded = [np.pad(one, (0, size - one.size)).astype(np.float64) for one in histograms]
    if any(one.sum() == 0 for one in padded):
        return NOTHING
    below = [np.cumsum(one) / one.sum() for one in padded]
    at, variance, mean = np.arange(size, dtype=np.float64), 0.0, 0.0
    for index, one in enumerate(padded):
        rest = np.prod([each for other, each in enumerate(below) if other != index], axis=0)
        mass = np.diff(rest, prepend=0.0)
        given = at * rest + (mass * at)[::-1].cumsum()[::-1] - mass * at  # the larger of this and the latest of the others
        p = one / one.sum()
        mean = float(p @ given)
        variance += float(p @ (given - mean) ** 2) / float(one.sum())
    error = math.sqrt(variance)
    return Estimate(mean, error, mean - Z95 * error, mean + Z95 * error)
