"""Numeric quantities in the words of criteria: which variable, in which unit, over which range.

A closed table of what registries write most. What it does not know it leaves alone: a statement that is not understood
is no statement. Never compares statements (that is ``numbers``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from trialwright.review.cells import Range, above, at_least, at_most, below
from trialwright.review.comparisons import NUMBER
from trialwright.review.record.variables import AGE, VARIABLES, YEARS, Unit, Variable


@dataclass(frozen=True, slots=True)
class Said:
    """One statement about a variable, as words put it.

    Args:
        variable: Which.
        unit: In which unit the ranges are.
        ranges: The values that the statement names (a union).
        start: Offset in the normalised text.
        end: Offset after it.
    """

    variable: Variable
    unit: str
    ranges: tuple[Range, ...]
    start: int
    end: int


def _bound(prefix: str) -> str:
    """A comparison and its number, as named groups with a prefix."""
    return rf"(?P<{prefix}op>>=|<=|>|<)\s*(?:the age of\s*|age\s*)?(?P<{prefix}n>{NUMBER})"


_BY_NAME = {variable.name: variable for variable in VARIABLES}
_NAMES = re.compile(
    r"\b(?=[a-z])(?:" + "|".join(f"(?P<v{index}>{variable.pattern})" for index, variable in enumerate(VARIABLES)) + ")"
)
_FILLER = (
    r"(?:\s*(?:\([^()\d]{0,40}\)|[:,=]|(?:of|must|be|is|are|was|count|counts|level|levels|values?|scores?|scale|status|index|"
    r"performance|should|have|has|a|an|the|at|time|enrol?lment|entry|baseline|screening|measured|calculated|estimated|ps|"
    r"serum|total|plasma|concentration|range|ranging|from|between|in|patients?|subjects?|participants?|inclusion|consent|study|"
    r"function|physical|grade|group|limits?)(?![a-z])))*\s*"
)
_LIST_FILLER = r"(?:\s*(?:years?(?: of age| old)?|yrs?)\b)?"
_AFTER = re.compile(_FILLER + _bound("a"))
_SPAN = re.compile(
    rf"{_FILLER}(?P<low>{NUMBER})(?P<unit>[^\d,;.<>=]{{0,16}}?)\s*(?:-|to|and|through)\s*(?P<high>{NUMBER})(?!\s*[-/])"
)
_PAIR = re.compile(rf"(?P<rest>[^<>=;.]{{0,14}}?)\s*(?P<joint>,?\s*(?:and|or|but|to)|,|-)\s*(?:age[ds]?\s*)?{_bound('b')}")
_LIST = re.compile(rf"{_FILLER}(?P<first>\d)(?P<more>(?:\s*,\s*\d)*,?\s*(?:or|and|/)\s*\d)\b(?!\s*[%.\d-])")
_AGE_UNIT = r"[\s-]*(?:of age|old\b|in age)"
_UNNAMED_AGE = re.compile(
    rf"(?:(?P<op0>>=|<=|>|<)\s*(?P<n0>{NUMBER})[\s-]*(?:years?|yrs?)?(?: of age| old)?\s*(?:or|and)\s*)?"
    rf"(?P<op>>=|<=|>|<)\s*(?P<n>{NUMBER})[\s-]*(?P<unit>years?|yrs?\.?|months?){_AGE_UNIT}"
    rf"|(?:between\s+)?(?P<low>{NUMBER})(?:\s*(?:years?|yrs?))?\s*(?:-|to|and|through)\s*(?P<high>{NUMBER})"
    rf"[\s-]*(?P<unit2>years?|yrs?|months?){_AGE_UNIT}"
)
_OTHER_AGES = re.compile(
    r"(?:gestational|bone|mental|concept\w*|menstrual|maternal|paternal|donor|developmental|corrected|post\w*|fetal|child.?bearing|"
    r"ovarian|brain|skeletal|reproductive|childs?|legal|functional|chronologic|cognitive|fertile|at onset)['’s]*\s*$"
)
_NOT_THE_AGE = re.compile(
    r"\s*(?:-?(?:matched|related|adjusted|appropriate|specific|dependent)"
    r"|at (?:onset|diagnosis|first|the time of diagnosis|start)"
    r"|of (?:onset|consent|majority|first|diagnosis|menarche|the (?:donor|child|mother)))"
)


def read_statements(text: str) -> tuple[Said, ...]:
    """Every statement about a known variable in normalised text, in order."""
    found: list[Said] = []
    taken = -1
    for name in _NAMES.finditer(text):
        if name.start() < taken:
            continue
        variable = VARIABLES[int((name.lastgroup or "v0")[1:])]
        if variable is AGE and (_OTHER_AGES.search(text[: name.start()]) or _NOT_THE_AGE.match(text, name.end())):
            continue
        said = _statement(variable, text, name.start(), name.end())
        if said is not None:
            found.append(said)
            taken = said.end
    found += [said for said in _unnamed_ages(text) if not any(one.start < said.end and said.start < one.end for one in found)]
    return tuple(sorted(found, key=lambda said: said.start))


def _statement(variable: Variable, text: str, start: int, at: int) -> Said | None:
    bound = _AFTER.match(text, at)
    if bound:
        return _bounded(variable, text, start, bound)
    span = _SPAN.match(text, at)
    if span:
        unit = _unit(variable, text, span.end()) or _unit(variable, text, span.end("low"))
        low, high = _number(span["low"]), _number(span["high"])
        first = _unit(variable, text, span.end("low")) if span["unit"].strip() else None
        factor = first[1] if first and unit and first[0] == unit[0] else unit[1] if unit else 0
        if unit and low * factor < high * unit[1] and _plausible(variable, (low * factor, high * unit[1])):
            whole = Range(low * factor, high * unit[1], low_closed=True, high_closed=True)
            return Said(variable, unit[0], (whole,), start, unit[2])
        return None
    listed = _LIST.match(text, at) if variable.step == 1 and variable is not AGE else None
    if listed:
        values = sorted(Fraction(value) for value in re.findall(r"\d", listed[0]))
        whole = Range(values[0], values[-1], low_closed=True, high_closed=True)
        return Said(variable, variable.bare, (whole,), start, listed.end())
    return None


def _bounded(variable: Variable, text: str, start: int, bound: re.Match[str]) -> Said | None:
    value = _number(bound["an"])
    unit = _unit(variable, text, bound.end())
    pair = _PAIR.match(text, unit[2] if unit else bound.end())
    if pair and unit is None:
        unit = _unit(variable, text, pair.end())
    if unit is None or not _plausible(variable, (value * unit[1],)):
        return None
    first = _range(bound["aop"], value * unit[1])
    if pair is None:
        return Said(variable, unit[0], (first,), start, unit[2])
    after = _unit(variable, text, pair.end())
    other = _number(pair["bn"]) * (after[1] if after else unit[1])
    if (after and after[0] != unit[0]) or not _plausible(variable, (other,)):
        return Said(variable, unit[0], (first,), start, unit[2])
    second = _range(pair["bop"], other)
    both = first.meet(second)
    ranges = (first, second) if both.is_empty or "or" in pair["joint"] else (both,)
    return Said(variable, unit[0], ranges, start, after[2] if after else pair.end())


def _unnamed_ages(text: str) -> list[Said]:
    found = []
    for match in _UNNAMED_AGE.finditer(text):
        if _OTHER_AGES.search(text[: match.start()]):
            continue
        month = (match["unit"] or match["unit2"]).startswith("month")
        factor = Fraction(1, 12) if month else Fraction(1)
        if match["op"]:
            ranges = _joint(match, factor)
        else:
            low, high = _number(match["low"]) * factor, _number(match["high"]) * factor
            ranges = (Range(low, high, low_closed=True, high_closed=True),)
        if _plausible(AGE, [bound for bound in (ranges[0].low, ranges[0].high) if bound is not None]):
            found.append(Said(AGE, YEARS, ranges, match.start(), match.end()))
    return found


def _joint(match: re.Match[str], factor: Fraction) -> tuple[Range, ...]:
    """One comparison, or two that meet where they can and else stand side by side."""
    last = _range(match["op"], _number(match["n"]) * factor)
    if not match["op0"]:
        return (last,)
    first = _range(match["op0"], _number(match["n0"]) * factor)
    both = first.meet(last)
    return (first, last) if both.is_empty or " or " in match[0] else (both,)


def _range(op: str, value: Fraction) -> Range:
    match op:
        case ">=":
            return at_least(value)
        case "<=":
            return at_most(value)
        case ">":
            return above(value)
        case _:
            return below(value)


@cache
def _unit_patterns(name: str) -> tuple[tuple[re.Pattern[str], Unit], ...]:
    return tuple((re.compile(unit.pattern), unit) for unit in _BY_NAME[name].units)


def _unit(variable: Variable, text: str, at: int) -> tuple[str, Fraction, int] | None:
    """The unit written at an offset, what one of it makes, and where it ends; the bare unit where none is written."""
    for pattern, unit in _unit_patterns(variable.name):
        found = pattern.match(text, at)
        if found:
            return unit.name, unit.factor, found.end()
    if not variable.bare or re.match(r"\s*(?:%|mg|weeks?|days?|hours?|g/|x\b)", text[at : at + 8]):
        return None
    return variable.bare, Fraction(1), at


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def _plausible(variable: Variable, values: Iterable[Fraction]) -> bool:
    return all(variable.low <= value <= variable.high for value in values)
