"""The record's own words beside the rule that computes them: numbers, units, comparators, lists, abbreviations.

Compares what can be compared and leaves the rest alone: a text that is not understood is no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from trialwright.protocol.expressions import Day, Expression, Reading
from trialwright.protocol.expressions.tree import Includes, Leaf, Node, Number, Or, Parameter, Scaled, Subset, Within
from trialwright.protocol.expressions.walk import children
from trialwright.protocol.study import CompiledCriterion, CompiledRegimen, Protocol
from trialwright.review.comparisons import normal
from trialwright.review.criteria.lines import atoms_of
from trialwright.review.criteria.statements import spelled
from trialwright.review.drafting import finding, listed, number
from trialwright.review.known_words import WELL_KNOWN
from trialwright.vocabulary.findings import Finding, Place
from trialwright.vocabulary.units import Unit, UnitError, conversion_factor, longest_unit, parse_unit

_NUMBER = re.compile(
    r"(?<![\w.^/*-])(?P<sign>>=|<=|>|<)?\s*(?P<number>\d+(?:[.,]\d+)?)(?![\w]*-\w)(?:\s*-?\s*(?=[^\d\s])|\s+(?=10)|)"
)
_SKIPPED_WORD = re.compile(r"(?:total|consecutive|full|calendar|completed)\s+")
_TIMES_TEN = re.compile(r"[x×·*]\s*(?=10)", re.IGNORECASE)
_COUNT = re.compile(
    r"(?:[x×·*]\s*)?10\s*[\^*]?\s*(?P<power>3|6|9|12)\s*(?:cells?)?\s*/\s*(?P<volume>l|ul|µl|mm3|ml)\b", re.IGNORECASE
)
_VOLUMES = {"l": "L", "ml": "mL", "ul": "uL", "µl": "uL", "mm3": "uL"}
_PACE = {"daily": "1 d", "weekly": "7 d", "once a week": "7 d", "fortnightly": "14 d", "monthly": "1 mo"}
_TOKEN = re.compile(r"(?<![\w/.@-])(?=[A-Za-z]*[A-Z][A-Za-z]*[A-Z])[A-Z][A-Za-z]{1,6}(?![\w/@-])")
_NEGATED: dict[str, str] = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
DAY = parse_unit("d")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, and the comparator before it; ``text`` as it is written, ``before`` the words before it.

    ``also`` is the same amount in another unit, where it follows in parentheses.
    """

    value: Fraction
    unit: Unit | None
    sign: str
    text: str
    before: str = ""
    also: Amount | None = None

    def equals(self, other: Amount) -> bool:
        """Whether two amounts are the same, whatever their units; a bare number takes any unit."""
        if self.also is not None and self.also.equals(other):
            return True
        if self.unit is None or other.unit is None:
            return self.value == other.value
        if other.unit.code.lower() == f"{self.unit.code.lower()}/d":
            return self.value == other.value
        try:
            return self.value * conversion_factor(self.unit, other.unit) == other.value
        except UnitError:
            return False


def amounts_in_text(text: str) -> list[Amount]:
    """Return the numbers of a sentence that have a unit or a comparator."""
    plain = _TIMES_TEN.sub("", normal(_COUNT.sub(_count, text.replace("\\", ""))))
    found: list[Amount] = []
    ended = -1
    for match in _NUMBER.finditer(plain):
        start = match.end()
        skipped = _SKIPPED_WORD.match(plain, start)
        unit = longest_unit(plain, skipped.end() if skipped else start)
        if unit is None and not match["sign"]:
            continue
        value = Fraction(match["number"].replace(",", "."))
        end = unit[1] if unit else match.end()
        before = plain[: match.start()].rstrip()
        again = before.endswith("(") and ended >= 0 and not before[ended:-1].strip()
        shown = plain[match.start() : end].strip()
        one = Amount(value, unit[0] if unit else None, match["sign"] or "", shown, before[-20:])
        if again and found:
            found[-1] = replace(found[-1], also=one)
        else:
            found.append(one)
        ended = end
    for word, amount in _PACE.items():
        if re.search(rf"\b{word}\b", plain):
            count, unit_text = amount.split()
            found.append(Amount(Fraction(count), parse_unit(unit_text), "", word))
    return found


def _count(found: re.Match[str]) -> str:
    """Write ×10⁹ cells/L, however it is spelled, as a unit."""
    return f" 10*{found['power']}/{_VOLUMES[found['volume'].lower()]}"


def amounts_in(node: Node) -> list[Amount]:
    """Return the numbers of an expression; study days are days."""
    found = []
    for atom in atoms_of(node):
        days = any(isinstance(given, Day) for given in atom.inputs)
        sign = atom.comparator or ""
        for value, unit in _numbers(atom.node):
            found.append(Amount(abs(value), DAY if days and unit is None else unit, sign, number(abs(value))))
    return found


def _numbers(node: Node) -> Iterator[tuple[Fraction, Unit | None]]:
    match node:
        case Number():
            yield Fraction(node.amount), node.unit
        case Parameter():
            yield Fraction(node.quantity.amount), node.quantity.unit
        case Leaf():
            return
        case Includes(quantifier=int() as least):
            yield Fraction(least), None
        case Subset(codes=()):
            yield Fraction(1), None
        case Scaled():
            yield from _numbers(node.operand)
        case _:
            for child in children(node):
                yield from _numbers(child)


def wording(protocol: Protocol) -> Iterator[Finding]:
    """Yield where verbatim text and expression differ."""
    for criterion in protocol.criteria:
        if criterion.when is not None:
            yield from _criterion(protocol, criterion)
    for regimen in protocol.regimens.values():
        yield from _dosing(regimen)
    yield from _abbreviations(protocol)


def _criterion(protocol: Protocol, criterion: CompiledCriterion) -> Iterator[Finding]:
    assert criterion.when is not None
    stated, computed = amounts_in_text(criterion.text), amounts_in(criterion.when.node)
    meant = [*computed, *_in_variables(protocol, criterion.when)]
    name = f"{criterion.side.capitalize()} {criterion.id}"
    yield from _numbers_differ(name, criterion.text, stated, meant, criterion.when.place, attested=bool(criterion.attested))
    yield from _joined_by_and(protocol, criterion, name)
    declared = protocol.file.eligibility.inclusion if criterion.side == "inclusion" else protocol.file.eligibility.exclusion
    explained = next(one for one in declared if one.id == criterion.id).assumption is not None
    written = {Fraction(each) for each in re.findall(r"\d+(?:\.\d+)?", criterion.text)}
    beyond = [one for one in computed if one.value not in written and not any(other.equals(one) for other in stated)]
    if beyond and stated and not explained:
        texts = listed([spelled(f"{one.text} {one.unit.code if one.unit else ''}".strip()) for one in beyond])
        yield finding(
            "TW-P035",
            criterion.when.place,
            f"{name} computes with {texts}, which its text does not say",
            f"“{criterion.text}”",
            ways=("Mark it as an `assumption` with its source",),
        )


def _in_variables(protocol: Protocol, expression: Expression) -> list[Amount]:
    """Return the numbers that stand in what is read: how long a value is good for, and what its label says."""
    found = []
    for given in expression.inputs:
        if isinstance(given, Reading):
            found += [replace(one, text=number(one.value)) for one in amounts_in_text(protocol.label(given.variable))]
            days = protocol.valid_days.get(given.variable)
            found += [Amount(Fraction(days), DAY, "", f"{days}")] if days is not None else []
            unit = protocol.scope.variables[given.variable].unit
            found += [Amount(Fraction(1), DAY, "", "1")] if unit is not None and unit.code.endswith("/d") else []
    return found


def _numbers_differ(
    name: str, text: str, stated: list[Amount], computed: list[Amount], place: Place, *, attested: bool
) -> Iterator[Finding]:
    for one in stated:
        same = [other for other in computed if one.equals(other)]
        if not same and computed and not attested:
            has = [spelled(f"{other.text} {other.unit.code}") for other in computed if other.unit is not None]
            yield finding(
                "TW-P030",
                place,
                f"{name} says {one.text}; its expression does not",
                f"“{text}”",
                f"The expression has {listed(list(dict.fromkeys(has)))}." if has else "",
            )
        signs = {other.sign for other in same if other.sign}
        if one.sign and signs and not signs & {one.sign, _NEGATED[one.sign]}:
            yield finding(
                "TW-P031",
                place,
                f"{name} says {one.text}; its expression says {' or '.join(sorted(signs))}",
                f"“{text}”",
                ways=(f"Write {one.sign} in the expression",),
            )


def _joined_by_and(protocol: Protocol, criterion: CompiledCriterion, name: str) -> Iterator[Finding]:
    """A list joined by "and" of which the expression asks for any one."""
    assert criterion.when is not None
    for codes, kind in _any_of(criterion.when.node):
        labels = {code: _label(protocol, kind, code) for code in codes}
        places = sorted((at, code) for code in codes if (at := _position(criterion.text, code, labels[code])) >= 0)
        if len(places) < 2:
            continue
        last = criterion.text[places[-2][0] : places[-1][0]]
        if re.search(r"\band\b", last) and not re.search(r"\bor\b", last):
            words = f"“{listed([code for _, code in places])}”"
            yield finding(
                "TW-P033",
                criterion.place,
                f"{name} joins its list by “and”: {words}",
                "Read literally a candidate must have all of them; the expression asks for any one.",
                ways=("or", "any of"),
            )


def _any_of(node: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    match node:
        case Within() if isinstance(node.operand, Leaf):
            yield node.codes, getattr(node.operand.input, "variable", "")
        case Or():
            single = [part for part in node.operands if isinstance(part, Within) and isinstance(part.operand, Leaf)]
            variables = {getattr(part.operand.input, "variable", "") for part in single if isinstance(part.operand, Leaf)}
            if len(single) == len(node.operands) and len(variables) == 1:
                yield tuple(code for part in single for code in part.codes), variables.pop()
            else:
                for part in node.operands:
                    yield from _any_of(part)
        case _:
            for child in children(node):
                yield from _any_of(child)


def _label(protocol: Protocol, variable: str, code: str) -> str:
    declared = protocol.file.variables.get(variable)
    codes = protocol.file.codes.get(declared.codes or "") if declared else None
    return codes[code].label if codes and code in codes else code


def _position(text: str, code: str, label: str) -> int:
    found = re.search(rf"\b{re.escape(code)}\b", text)
    return found.start() if found else text.casefold().find(label.casefold())


def _dosing(regimen: CompiledRegimen) -> Iterator[Finding]:
    levels = [Fraction(level) for level in regimen.levels]
    steps = {high - low for low, high in pairwise(levels)}
    doses = [Amount(value, regimen.unit, "", number(value)) for value in (*levels, *sorted(steps))]
    if regimen.every_days is not None:
        doses.append(Amount(Fraction(regimen.every_days), DAY, "", number(Fraction(regimen.every_days))))
    for rule in regimen.rules:
        if rule.text and rule.when is not None:
            computed = [*amounts_in(rule.when.node), *doses]
            yield from _numbers_differ(
                f"Rule `{rule.id}`", rule.text, amounts_in_text(rule.text), computed, rule.place, attested=False
            )
    for guarantee in regimen.guarantees:
        if guarantee.text:
            computed = amounts_in(guarantee.expression.node)
            stated = amounts_in_text(guarantee.text)
            yield from _numbers_differ(
                f"Guarantee `{guarantee.id}`", guarantee.text, stated, computed, guarantee.place, attested=False
            )


def _abbreviations(protocol: Protocol) -> Iterator[Finding]:
    study = protocol.file.study
    declared = {code for codes in protocol.file.codes.values() for code in codes} | set(protocol.file.variables)
    labels = [code.label for codes in protocol.file.codes.values() for code in codes.values()]
    labels += [variable.label or "" for variable in protocol.file.variables.values()]
    whole = "\n".join(
        [study.summary, study.description or "", *study.keywords, *study.conditions, *labels, study.official_title or ""]
    )
    for criterion in protocol.criteria:
        unknown = [
            token
            for token in dict.fromkeys(_TOKEN.findall(criterion.text))
            if not _explained(token, declared, whole, criterion.text)
        ]
        if unknown:
            yield finding(
                "TW-P034",
                criterion.place,
                f"{listed(unknown)} in {criterion.side} {criterion.id} is spelled out nowhere",
                "A site that does not know it cannot apply the criterion.",
                ways=(f"{unknown[0]} (…) where it first stands",),
            )


def _explained(token: str, declared: Iterable[str], whole: str, text: str) -> bool:
    word = token.removesuffix("s")
    known = token in WELL_KNOWN or word in WELL_KNOWN or {token, word, token.lower()} & set(declared)
    beside = re.search(rf"\w\s*\(\s*{re.escape(word)}s?\s*\)|\b{re.escape(word)}s?\s*\(", f"{whole}\n{text}")
    return bool(known or beside or _initials(word).search(f"{whole}\n{text}"))


def _initials(word: str) -> re.Pattern[str]:
    """The words that an abbreviation is made of: NSCLC, non-small cell lung cancer."""
    return re.compile(r"\b" + r"[\s-]+(?:and |of )?".join(rf"{letter}[a-z]+" for letter in word.lower()), re.IGNORECASE)
