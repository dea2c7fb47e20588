"""Compiles the computed stopping rules of a protocol to tables of counts, and reads rates and priors. Judges no design."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from trialwright.designs.bayes_one_arm import Beta, Limits, Success, posterior_rule, predictive_rule
from trialwright.designs.errors import DesignError
from trialwright.designs.stopping import MOST, CountRule, count_rule
from trialwright.protocol.compile_schedule import check_anchors
from trialwright.protocol.expressions import Expression, Scope, read_expression
from trialwright.protocol.model.file import ProtocolFile
from trialwright.protocol.model.monitoring import Monitoring
from trialwright.protocol.problems import Problems
from trialwright.protocol.source import Path
from trialwright.protocol.study import CompiledMonitoring
from trialwright.protocol.timing import Moment, TimingError, read_moments

_NUMBER = r"\d+(?:\.\d+)?(?:e-?\d+)?"
_COUNTS = re.compile(r"(responders|events)\s*(<=|>=|<|>)\s*((?:\d+|-)(?:\s*,\s*(?:\d+|-))*)")
_POSTERIOR = re.compile(
    rf"(?:posterior\s+)?P\s*\(\s*\w+\s*([<>])\s*({_NUMBER}\s*%?)\s*\)\s*(<|>)\s*({_NUMBER}\s*%?)", re.IGNORECASE
)
_PREDICTIVE = re.compile(rf"(?:predictive\s+probability|PP)\s*(<|>)\s*({_NUMBER}\s*%?)", re.IGNORECASE)
_BETA = re.compile(rf"beta\s*\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\)", re.IGNORECASE)
_EVERY = re.compile(r"every\s+(\d+)\s+from\s+(\d+)")
_EXAMPLES = {
    "two-stage futility": "stop_if: responders <= 3",
    "counts": "stop_if: responders <= 1, 4 or responders >= 6, 9",
    "predictive probability": "stop_if: predictive probability < 0.05",
    "posterior": "stop_if: P(rate > 0.3) > 0.9",
}


class _UnreadError(ValueError):
    """A rule that cannot be read: the key it stands under, what is wrong, and an example of what may stand there."""

    def __init__(self, key: str, message: str, example: str) -> None:
        self.key, self.example = key, example
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a rule is read against: its looks, and how many participants the trial plans."""

    looks: tuple[int, ...]
    most: int


def read_chance(text: str) -> float:
    """Read ``0.05`` or ``5 %``.

    Raises:
        ValueError: It is neither.
    """
    found = re.fullmatch(rf"\s*({_NUMBER})\s*(%)?\s*", text)
    if found is None:
        raise ValueError(f"`{text}` is neither a number nor a percentage")
    return float(found[1]) / (100 if found[2] else 1)


def compile_monitoring(file: ProtocolFile, scope: Scope, problems: Problems) -> tuple[CompiledMonitoring, ...]:
    """Return each computed stopping rule; what cannot be read is TW-P095 or the finding of the name it lacks."""
    found = []
    for index, rule in enumerate(file.monitoring):
        path: Path = ("monitoring", index)
        if any(other.id == rule.id for other in file.monitoring[:index]):
            problems.add("TW-S006", (*path, "id"), f"Two monitoring rules are called `{rule.id}`", "Names must be unique.")
        one = _compiled(rule, path, file, scope, problems)
        if one is not None:
            found.append(one)
    return tuple(found)


def _compiled(rule: Monitoring, path: Path, file: ProtocolFile, scope: Scope, problems: Problems) -> CompiledMonitoring | None:
    if not _counted(rule, path, file, problems):
        return None
    event = _event(rule, path, scope, problems)
    free_at = _free_at(rule, path, scope, problems)
    try:
        table = _table(rule, file)
    except _UnreadError as error:
        problems.add("TW-P095", (*path, error.key), f"The monitoring rule `{rule.id}` cannot be read", f"{error}.", error.example)
        return None
    except DesignError as error:
        problems.add("TW-P095", path, f"The monitoring rule `{rule.id}` cannot be carried out", f"{error}.", _EXAMPLES[rule.rule])
        return None
    words = f"{rule.rule}: stop if {rule.stop_if}"
    place = problems.source.place(path)
    waits, endpoint = rule.meanwhile == "wait", rule.endpoint or ""
    return CompiledMonitoring(rule.id, table, endpoint, event, free_at, waits, rule.binding, words, place)


def _counted(rule: Monitoring, path: Path, file: ProtocolFile, problems: Problems) -> bool:
    """See that exactly one thing is counted: the responders of a response endpoint, or an event."""
    if (rule.endpoint is None) == (rule.event is None):
        detail = "It counts the responders of an `endpoint` or the participants with an `event`: exactly one of the two."
        problems.add(
            "TW-P095", path, f"The monitoring rule `{rule.id}` says not what it counts", detail, "endpoint: …", "event: …"
        )
        return False
    if rule.endpoint is None:
        return True
    endpoint = file.endpoints.get(rule.endpoint)
    if endpoint is None:
        problems.unknown((*path, "endpoint"), "endpoint", rule.endpoint, file.endpoints)
        return False
    if endpoint.measure != "response" or not endpoint.response:
        detail = f"`{rule.endpoint}` is no endpoint with `measure: response`, so it has no responders."
        problems.add("TW-P095", (*path, "endpoint"), f"The monitoring rule `{rule.id}` counts no responders", detail)
        return False
    return True


def _event(rule: Monitoring, path: Path, scope: Scope, problems: Problems) -> Expression | None:
    if rule.event is None:
        return None
    where = problems.source.at((*path, "event"))
    written = problems.source.written((*path, "event"), rule.event)
    regimen = next(iter(scope.doses), "") if len(scope.doses) == 1 else ""
    known = replace(scope, regimen=regimen) if regimen else scope
    expression, findings = read_expression(written, known, where.value, indent_column=where.indent_column)
    problems.extend(findings)
    return expression


def _free_at(rule: Monitoring, path: Path, scope: Scope, problems: Problems) -> Moment | None:
    if rule.within is None:
        return None
    try:
        moments = read_moments(rule.within)
        check_anchors(moments, scope)
    except TimingError as error:
        problems.add("TW-S005", (*path, "within"), "The time cannot be read", f"{error}.", "28 d after first dose")
        return None
    return moments[-1]


def _table(rule: Monitoring, file: ProtocolFile) -> CountRule:
    if file.sample_size is None:
        raise _UnreadError("looks", "the file plans no number of participants", "sample_size: …")
    if file.sample_size.planned > MOST:
        raise _UnreadError("looks", f"rules are worked out for {MOST:,} participants at most", "stopping: …, in words")
    planned = _Planned(_looks(rule, file.sample_size.planned), file.sample_size.planned)
    match rule.rule:
        case "two-stage futility" | "counts":
            table = _by_counts(rule, planned)
        case "posterior":
            table = _by_posterior(rule, planned)
        case "predictive probability":
            table = _by_prediction(rule, planned)
    return replace(table, id=rule.id, counts="events" if rule.event else "responders", sentence=f"stop if {rule.stop_if}")


def _looks(rule: Monitoring, most: int) -> tuple[int, ...]:
    example = "looks: [10, 20]"
    if len(rule.looks) == 1 and (every := _EVERY.fullmatch(rule.looks[0].strip())):
        step, first = int(every[1]), int(every[2])
        if step < 1 or first < 1:
            raise _UnreadError("looks", f"`{rule.looks[0]}` counts from 0", "looks: every 5 from 10")
        found = tuple(range(first, most + 1, step))
    else:
        words = [part.strip() for text in rule.looks for part in text.split(",")]
        if not all(word.isdigit() for word in words):
            raise _UnreadError("looks", f"`{', '.join(rule.looks)}` is no list of numbers of participants", example)
        found = tuple(int(word) for word in words)
    if not found or any(not 1 <= look <= most for look in found):
        raise _UnreadError("looks", f"each look is at 1 to {most} participants, as many as are planned", example)
    if list(found) != sorted(set(found)):
        raise _UnreadError("looks", "the looks do not rise", example)
    return found


def _parts(rule: Monitoring, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    found = [pattern.fullmatch(part.strip()) for part in re.split(r"\s+or\s+", rule.stop_if)]
    read = [one for one in found if one is not None]
    if len(read) != len(found):
        raise _UnreadError("stop_if", f"`{rule.stop_if}` is no condition of a {rule.rule} rule", _EXAMPLES[rule.rule])
    return read


def _by_counts(rule: Monitoring, planned: _Planned) -> CountRule:
    low: list[int | None] = [None] * len(planned.looks)
    high = low.copy()
    for part in _parts(rule, _COUNTS):
        if part[1] != ("events" if rule.event else "responders"):
            raise _UnreadError("stop_if", f"the rule counts {'events' if rule.event else 'responders'}", _EXAMPLES[rule.rule])
        bounds = [None if word.strip() == "-" else int(word) for word in part[3].split(",")]
        if len(bounds) != len(planned.looks):
            message = f"there are {len(planned.looks)} looks and {len(bounds)} bounds; `-` stands where a look does not stop"
            raise _UnreadError("stop_if", message, _EXAMPLES["counts"])
        shift = {"<=": 0, ">=": 0, "<": -1, ">": 1}[part[2]]
        shifted = [None if bound is None else bound + shift for bound in bounds]
        low, high = (shifted, high) if part[2].startswith("<") else (low, shifted)
    return count_rule(rule.id, "responders", planned.most, list(zip(planned.looks, low, high, strict=True)))


def _by_posterior(rule: Monitoring, planned: _Planned) -> CountRule:
    limits, rates = Limits(), set()
    for part in _parts(rule, _POSTERIOR):
        rates.add(read_chance(part[2]))
        above = (part[1] == ">") == (part[3] == ">")
        chance = read_chance(part[4]) if part[1] == ">" else 1 - read_chance(part[4])
        limits = Limits(limits.low, chance) if above else Limits(chance, limits.high)
    if len(rates) > 1:
        raise _UnreadError("stop_if", "one rule compares with one rate; write a second rule for the other", _EXAMPLES[rule.rule])
    return posterior_rule(planned.looks, planned.most, rates.pop(), limits, _prior(rule))


def _by_prediction(rule: Monitoring, planned: _Planned) -> CountRule:
    example = "success_if: P(rate > 0.2) > 0.95"
    wanted = _POSTERIOR.fullmatch((rule.success_if or "").strip())
    if wanted is None or (wanted[1], wanted[3]) != (">", ">"):
        raise _UnreadError("success_if", "a prediction needs to know what the final analysis must show", example)
    success, limits = Success(read_chance(wanted[2]), read_chance(wanted[4])), Limits()
    for part in _parts(rule, _PREDICTIVE):
        chance = read_chance(part[2])
        limits = Limits(limits.low, chance) if part[1] == ">" else Limits(chance, limits.high)
    return predictive_rule(planned.looks, planned.most, success, limits, _prior(rule))


def _prior(rule: Monitoring) -> Beta:
    found = _BETA.fullmatch((rule.prior or "").strip())
    if found is None:
        raise _UnreadError("prior", "a Bayesian rule needs its prior", "prior: beta(1, 1)")
    return Beta(float(found[1]), float(found[2]))
