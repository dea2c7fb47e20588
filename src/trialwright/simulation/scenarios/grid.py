"""Which scenarios a grid has: ranges as they are typed, counted before they are made, so that no grid is too large to refuse."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from math import prod

from trialwright.vocabulary.findings import Finding, Place, Refused, Severity

MOST_SCENARIOS = 1000
MOST_BYTES = 256 * 2**20  # of counts, all scenarios together
MOST_TRIALS = 10**12
MOST_DIGITS = 30  # before or behind the point
WAY_OF_VARYING = "--vary virtual.response.fp_negative=0.1:0.6:0.1"


@dataclass(frozen=True, slots=True)
class Range:
    """The values that one number takes: ``values`` listed, or ``count`` of them from ``first`` by ``step``."""

    path: str
    first: Decimal
    step: Decimal
    count: int
    listed: tuple[Decimal, ...] = ()

    def values(self) -> tuple[Decimal, ...]:
        """Every value, rising or falling as typed."""
        return self.listed or tuple(self.first + index * self.step for index in range(self.count))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One set of numbers: ``settings`` by path (as text), those that vary also in ``varied``; ``label`` is for readers."""

    settings: Mapping[str, str]
    varied: Mapping[str, str]
    label: str


def refuse(code: str, place: str, title: str, detail: str, *ways_out: str) -> Refused:
    """Make the refusal of something that was typed."""
    return Refused((Finding(code, Severity.ERROR, Place(place), title, detail, ways_out),))


def read_setting(text: str, option: str = "--set") -> tuple[str, str]:
    """Read ``path=number``.

    Raises:
        Refused: It has another form (TW-V040).
    """
    path, equals, value = text.partition("=")
    if not equals or not path.strip() or not value.strip():
        detail = "A path, an equals sign and a number are wanted."
        raise refuse("TW-V040", option, f"`{text}` cannot be read", detail, f"{option} virtual.response.fp_negative=0.3")
    return short_path(path), _plain(value.strip())


def _plain(value: str) -> str:
    """A number as it is written shortest; anything else as it is."""
    try:
        number = Decimal(value)
    except DecimalException:
        return value
    return f"{number.normalize():f}" if _of_use(number) else value


def _of_use(number: Decimal) -> bool:
    """Whether a number is finite and can be written out."""
    return number.is_finite() and abs(number.adjusted()) <= MOST_DIGITS


def short_path(path: str) -> str:
    """The path as it is kept: without the leading ``virtual.``."""
    return path.strip().removeprefix("virtual.")


def read_range(text: str) -> Range:
    """Read ``path=from:to:step`` (both ends included) or ``path=a,b,c``.

    Raises:
        Refused: It has another form (TW-V040), has no value, or its step leads nowhere (TW-V041).
    """
    path, value = read_setting(text, "--vary")
    parts = value.split(":")
    if len(parts) == 1:
        listed = tuple(_number(part, text) for part in value.split(","))
        return Range(path, listed[0], Decimal(0), len(listed), listed)
    if len(parts) != 3:
        detail = "A range has three numbers: from, to and step."
        raise refuse("TW-V040", "--vary", f"`{text}` cannot be read", detail, WAY_OF_VARYING, f"--vary {path}=0.2,0.4")
    first, last, step = (_number(part, text) for part in parts)
    if step == 0 or (last - first) * step < 0:
        reason = "Its step is 0." if step == 0 else f"From {first} to {last} by steps of {step} there is no value."
        low, high = min(first, last), max(first, last)
        raise refuse(
            "TW-V041", "--vary", f"The range of `{path}` is empty", reason, f"--vary {path}={low}:{high}:{(high - low) / 5}"
        )
    return Range(path, first, step, int((last - first) / step) + 1)


def _number(text: str, whole: str) -> Decimal:
    try:
        found = Decimal(text.strip())
    except DecimalException:
        found = Decimal("NaN")
    if not _of_use(found):
        raise refuse("TW-V040", "--vary", f"`{whole}` cannot be read", f"`{text.strip()}` is no number.", WAY_OF_VARYING)
    return found


def scenarios(ranges: Sequence[Range], settings: Mapping[str, str]) -> tuple[Scenario, ...]:
    """Make every combination of the ranges' values, the last one changing fastest; one scenario where nothing varies.

    Raises:
        Refused: There are too many (TW-V042), or a number varies twice (TW-V040).
    """
    paths = [one.path for one in ranges]
    for path in paths:
        if paths.count(path) > 1 or path in settings:
            raise refuse("TW-V040", "--vary", f"`{path}` is given twice", "A number is set or varied once.")
    count = prod(one.count for one in ranges)
    if count > MOST_SCENARIOS:
        each = " × ".join(f"{one.count:,}" for one in ranges)
        detail = f"The ranges have {each} combinations; {MOST_SCENARIOS:,} are the most that are played in one go."
        raise refuse("TW-V042", "--vary", f"A grid of {count:,} scenarios is too large", detail, "Larger steps", "Fewer ranges")
    found = []
    for values in itertools.product(*(one.values() for one in ranges)):
        varied = {path: f"{value.normalize():f}" for path, value in zip(paths, values, strict=True)}
        label = ", ".join(f"{path} = {value}" for path, value in varied.items()) or "as the file says"
        found.append(Scenario({**settings, **varied}, varied, label))
    return tuple(found)


def check_trials(trials: int, count: int = 1) -> None:
    """Refuse no trials at all, or more than can be numbered.

    Raises:
        Refused: TW-V043.
    """
    if trials < 1:
        raise refuse("TW-V043", "-n", f"{trials} trials cannot be simulated", "At least one trial is needed.", "-n 100_000")
    if trials * count > MOST_TRIALS:
        detail = f"{trials:,} trials in each of {count:,} scenarios; 10^12 in all are the most."
        ways = ("-n 1_000_000",)
        raise refuse("TW-V043", "-n", "That is more trials than anybody can wait for", detail, *ways)


def check_memory(bytes_each: int, count: int) -> None:
    """Refuse a grid whose counts would not fit (TW-V042)."""
    if bytes_each * count > MOST_BYTES and count > 1:
        most = max(1, MOST_BYTES // bytes_each)
        detail = (
            f"With so many participants a scenario keeps {bytes_each / 2**20:.1f} MB of counts; {most:,} scenarios are the most."
        )
        raise refuse("TW-V042", "--vary", f"A grid of {count:,} scenarios is too large", detail, "Larger steps", "Fewer ranges")
