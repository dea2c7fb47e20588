"""Recomputes the textbook design that a sample size names, and says where the stated numbers differ. Proposes no size itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from trialwright.designs.ahern import SingleStage, ahern, single_stage
from trialwright.designs.errors import DesignError, require_chance, require_rising_rates
from trialwright.designs.fleming import fleming
from trialwright.designs.simon import SOURCE as SIMON
from trialwright.designs.simon import TwoStage, simon
from trialwright.designs.survival_size import schoenfeld_events
from trialwright.designs.two_arm import Rates, two_proportions
from trialwright.protocol.compile_designs import read_chance
from trialwright.protocol.model.aims import SampleSize
from trialwright.protocol.study import CompiledMonitoring, Protocol
from trialwright.review.drafting import finding, listed
from trialwright.review.interim import inflation_of, monitored_rates, wrong_values
from trialwright.vocabulary.findings import Finding

_AHERN = "A'Hern RP, Stat Med 2001;20:859-66"
_FLEMING = "Fleming TR, Biometrics 1982;38:143-51"
_FLEISS = "Fleiss JL, Tytun A, Ury HK, Biometrics 1980;36:343-6"
_FISHER = "Casagrande JT, Pike MC, Smith PG, Biometrics 1978;34:483-6"
_LOOKS = "Lan KKG, DeMets DL, Biometrika 1983;70:659-63; Jennison & Turnbull 2000"
_BAYES = {
    "predictive probability": "Lee JJ, Liu DD, Clin Trials 2008;5:93-106",
    "posterior": "Thall PF, Simon R, Biometrics 1994;50:337-49",
}
_SCHOENFELD = "Schoenfeld DA, Biometrika 1981;68:316-9"


@dataclass(frozen=True, slots=True)
class _Recomputed:
    """What a design gives: whole numbers that must be equal, those that must be reached, what else differs, and its source."""

    equal: Mapping[str, int]
    source: str
    at_least: Mapping[str, int] | None = None
    words: str = ""
    differs: tuple[str, ...] = ()


class _Lacking(Exception):  # noqa: N818 - the file lacks what a design follows from
    """A design cannot be recomputed: why, and what might be written."""

    def __init__(self, why: str, *ways: str) -> None:
        self.why, self.ways = why, ways
        super().__init__(why)


def justified(protocol: Protocol) -> Iterator[Finding]:
    """Yield what is wrong with the design that `sample_size` names: TW-P090 and TW-P091; nothing where it names none."""
    size = protocol.file.sample_size
    if size is None or size.design is None:
        return
    place = protocol.source.place(("sample_size",))
    try:
        found = recomputed(size, protocol.monitoring)
    except _Lacking as error:
        title = f"The design `{size.design}` cannot be recomputed"
        yield finding("TW-P091", place, title, f"{error.why}.", ways=error.ways)
        return
    except DesignError as error:
        title = f"The design `{size.design}` cannot be recomputed"
        yield finding("TW-P091", place, title, f"`{error.field}` is {error.value}: {error.allowed}.")
        return
    wrong = [*_wrong(size, found)]
    if wrong:
        right = ", ".join(f"{name}: {value}" for name, value in (*found.equal.items(), *(found.at_least or {}).items()))
        ways = (right,) if right else ()
        title = f"The stated numbers are not those of the design `{size.design}`"
        yield finding("TW-P090", place, title, f"{listed(wrong)}.", found.words, f"Source: {found.source}.", ways=ways)


def _wrong(size: SampleSize, found: _Recomputed) -> Iterator[str]:
    """Say each number that differs: the one stated, and the one recomputed."""
    for name, value in found.equal.items():
        told = _stated(size, name)
        if told is not None and told != value:
            yield f"`{name}` is stated as {told}; recomputed it is {value}"
    for name, value in (found.at_least or {}).items():
        told = _stated(size, name)
        if told is not None and told < value:
            yield f"`{name}` is stated as {told}; recomputed at least {value} are needed"
    yield from found.differs
    if size.n is not None and size.planned < size.n:
        yield f"{size.planned} participants are planned and the design has {size.n}"


def _stated(size: SampleSize, name: str) -> int | None:
    stage, _, part = name.partition(".")
    if part:
        value = getattr(size.stages[int(stage.removeprefix("stage ")) - 1], part)
    else:
        value = size.planned if name == "n" and size.n is None else getattr(size, name)
    return value if isinstance(value, int) else None


def recomputed(size: SampleSize, monitoring: Sequence[CompiledMonitoring] = ()) -> _Recomputed:
    """Recompute a named design; one that is monitored by Bayes' rule with the rules of the protocol.

    Raises:
        _Lacking: A number that the design follows from is not stated, or cannot be read.
        DesignError: A number is out of range.
    """
    assert size.design is not None
    if size.design in ("predictive probability", "posterior"):
        return _monitored(size, monitoring)
    return _DESIGNS[size.design](size)


def _chance(size: SampleSize, name: str) -> float:
    text = getattr(size, name)
    if text is None:
        raise _Lacking(f"`{name}` is not stated", f"{name}: …")
    try:
        return require_chance(name, read_chance(text))
    except DesignError:
        raise
    except ValueError as error:
        raise _Lacking(f"`{name}`: {error}", f"{name}: 0.05", f"{name}: 5 %") from None


def _power(size: SampleSize) -> float:
    if size.beta is not None and size.power is not None and abs(1 - _chance(size, "beta") - _chance(size, "power")) > 1e-9:
        raise _Lacking(f"`beta` {size.beta} and `power` {size.power} contradict each other", "Drop one of the two")
    if size.beta is None and size.power is None:
        raise _Lacking("Neither `power` nor `beta` is stated", "power: 0.8")
    return _chance(size, "power") if size.power is not None else 1 - _chance(size, "beta")


def _ratio(size: SampleSize) -> float:
    try:
        return float(size.ratio) if size.ratio is not None else 1.0
    except ValueError:
        raise _Lacking(f"`ratio`: `{size.ratio}` is no number", "ratio: 2") from None


def _simon(size: SampleSize) -> _Recomputed:
    found = simon(_chance(size, "p0"), _chance(size, "p1"), _chance(size, "alpha"), _power(size), compiled=False)
    one = found.optimal
    if size.design == "simon minimax":
        one = found.minimax
    elif size.design == "simon admissible":
        one = next((each for each in found.admissible if each.n == size.n), found.optimal)
    return _Recomputed({"r1": one.r1, "n1": one.n1, "r": one.r, "n": one.n}, SIMON, words=_two_stage_words(one))


def _two_stage_words(one: TwoStage) -> str:
    return (
        f"With {one.r1}/{one.n1} and {one.r}/{one.n} the exact type I error is {one.alpha:.4f}, the power {one.power:.4f}, "
        f"and {one.en_p0:.1f} participants are expected under the null."
    )


def _ahern(size: SampleSize) -> _Recomputed:
    found = ahern(_chance(size, "p0"), _chance(size, "p1"), _chance(size, "alpha"), _power(size))
    one = found.stable if found.stable.n == size.n else found.first
    return _Recomputed({"r": one.cut - 1, "n": one.n}, _AHERN, words=_single_stage_words(one))


def _exact(size: SampleSize) -> _Recomputed:
    n = size.n if size.n is not None else size.planned
    one = single_stage(_chance(size, "p0"), _chance(size, "p1"), _chance(size, "alpha"), n)
    needed = {}
    if (size.power is not None or size.beta is not None) and one.power < _power(size):
        needed = {"n": ahern(_chance(size, "p0"), _chance(size, "p1"), _chance(size, "alpha"), _power(size)).first.n}
    return _Recomputed({"r": one.cut - 1}, _AHERN, needed, _single_stage_words(one))


def _single_stage_words(one: SingleStage) -> str:
    return (
        f"With {one.cut} or more responders of {one.n} the exact type I error is {one.alpha:.4f} and the power {one.power:.4f}."
    )


def _fleming(size: SampleSize) -> _Recomputed:
    if not size.stages:
        raise _Lacking("`stages` are not stated", "stages: [{n: 15, accept: 3, reject: 7}, {n: 25, accept: 8, reject: 9}]")
    looks = [stage.n for stage in size.stages]
    sizes = [after - before for before, after in zip([0, *looks[:-1]], looks, strict=True)]
    if min(sizes) < 1:
        raise _Lacking("The `n` of the stages do not rise", "Count the participants from the beginning of the trial")
    found = fleming(_chance(size, "p0"), _chance(size, "alpha"), sizes)
    equal = {"n": looks[-1]}
    for index, (accept, reject) in enumerate(zip(found.accept, found.reject, strict=True), start=1):
        equal |= {f"stage {index}.accept": accept, f"stage {index}.reject": reject}
    return _Recomputed(equal, _FLEMING)


def _two_proportions(size: SampleSize) -> _Recomputed:
    rates = Rates(_chance(size, "p0"), _chance(size, "p1"))
    test = size.test or "z"
    found = two_proportions(rates, _chance(size, "alpha"), _power(size), test, _ratio(size), size.sided or 2)
    words = f"{found.n_control} control and {found.n_experimental} experimental participants give a power of {found.power:.4f}."
    inflation, differs = _looks(size)
    source = (_FISHER if test == "fisher exact" else _FLEISS) + (f"; {_LOOKS}" if size.interim else "")
    needed = {"n": _with_dropout(size, math.ceil(found.n * inflation - 1e-9))}
    return _Recomputed({}, source, needed, f"{words} {_looks_words(inflation)}".strip(), differs)


def _survival(size: SampleSize) -> _Recomputed:
    if size.hazard_ratio is None or size.events is None:
        lacking = "hazard_ratio" if size.hazard_ratio is None else "events"
        raise _Lacking(f"`{lacking}` is not stated", f"{lacking}: …")
    try:
        hazard_ratio = float(size.hazard_ratio)
    except ValueError:
        raise _Lacking(f"`hazard_ratio`: `{size.hazard_ratio}` is no number", "hazard_ratio: 0.6") from None
    events = schoenfeld_events(hazard_ratio, _chance(size, "alpha"), _power(size), _ratio(size), size.sided or 2)
    inflation, differs = _looks(size)
    needed = math.ceil(events * inflation - 1e-9)
    words = f"The log-rank test needs {events:.1f} events at a single look. {_looks_words(inflation)}".strip()
    source = _SCHOENFELD + (f"; {_LOOKS}" if size.interim else "")
    return _Recomputed({}, source, {"events": needed, "n": needed}, words, differs)


def _looks(size: SampleSize) -> tuple[float, tuple[str, ...]]:
    """How many times the information of a single look is needed, and which stated critical values are wrong."""
    if size.interim is None:
        return 1.0, ()
    alpha, sided = _chance(size, "alpha"), size.sided or 2
    return inflation_of(size.interim, alpha, _power(size), sided), tuple(wrong_values(size.interim, alpha, sided))


def _looks_words(inflation: float) -> str:
    return f"The looks need {inflation:.4f} times as much." if inflation != 1 else ""


def _monitored(size: SampleSize, monitoring: Sequence[CompiledMonitoring]) -> _Recomputed:
    if size.r is None:
        raise _Lacking("`r` is not stated: how many responders at the end do not reject", "r: …")
    if not any(rule.event is None for rule in monitoring):
        raise _Lacking("No rule under `monitoring` counts responders", f"monitoring: [{{rule: {size.design}, …}}]")
    n = size.n if size.n is not None else size.planned
    if size.r >= n:
        raise _Lacking(f"`r` is {size.r} of {n}: no result rejects", "r: …")
    p0, p1 = require_rising_rates(_chance(size, "p0"), _chance(size, "p1"))
    alpha, power = monitored_rates(monitoring, n, size.r, (p0, p1))
    differs = []
    if alpha > _chance(size, "alpha") + 1e-12:
        differs.append(f"`alpha` is stated as {size.alpha}; the exact type I error is {alpha:.4f}")
    if power < _power(size) - 1e-12:
        differs.append(f"the power is stated as {_power(size):g}; the exact power is {power:.4f}")
    words = f"With the rules of responders and more than {size.r} of {n}: type I error {alpha:.4f}, power {power:.4f}."
    return _Recomputed({}, _BAYES[size.design or ""], words=words, differs=tuple(differs))


def _with_dropout(size: SampleSize, n: int) -> int:
    lost = _chance(size, "dropout") if size.dropout is not None else 0.0
    if lost >= 1:
        raise _Lacking("`dropout`: nobody is left", "dropout: 10 %")
    return math.ceil(n / (1 - lost) - 1e-9)


_DESIGNS: Mapping[str, Callable[[SampleSize], _Recomputed]] = {
    "simon optimal": _simon,
    "simon minimax": _simon,
    "simon admissible": _simon,
    "fleming": _fleming,
    "ahern": _ahern,
    "exact single stage": _exact,
    "two proportions": _two_proportions,
    "survival": _survival,
}
