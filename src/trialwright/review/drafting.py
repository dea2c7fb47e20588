"""How findings of `check` are written: the code's weight and rank, and the sentence's small parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from trialwright.vocabulary.findings import Finding, Place, Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

# Each code with its weight, the gravest first: findings of equal severity stand in this order.
WEIGHTS: dict[str, Severity] = {
    "TW-P001": ERROR,  # a guarantee is refuted
    "TW-P014": ERROR,  # neither included nor excluded
    "TW-P015": ERROR,  # included and excluded
    "TW-P016": ERROR,  # nobody can take part
    "TW-P020": ERROR,  # criteria and record disagree
    "TW-P021": ERROR,  # the consent rules leave someone out
    "TW-P024": ERROR,  # the consent criterion and the consent rules disagree
    "TW-P022": WARNING,  # a minor without assent
    "TW-P068": ERROR,  # dosing and record disagree
    "TW-P069": ERROR,  # course and record disagree
    "TW-P011": ERROR,  # a rule reads what no visit collects
    "TW-P056": ERROR,  # an analysis reads what no visit collects
    "TW-P054": ERROR,  # no primary objective
    "TW-P060": ERROR,  # masking contradicts
    "TW-P065": ERROR,  # allocation contradicts
    "TW-P090": ERROR,  # the stated design is not what its rates give
    "TW-P091": ERROR,  # the named design lacks what it is computed from
    "TW-P092": ERROR,  # monitoring and sample size disagree
    "TW-P006": WARNING,  # no rule decides
    "TW-P002": WARNING,  # a guarantee is not decided
    "TW-P012": WARNING,  # the start is the highest level
    "TW-P008": WARNING,  # a hold without exit
    "TW-P009": WARNING,  # an exit above the participant's own baseline
    "TW-P007": WARNING,  # lower at the lowest level
    "TW-P003": WARNING,  # a rule never decides
    "TW-P005": WARNING,  # a level is never reached
    "TW-P010": WARNING,  # a decision without a measurement
    "TW-P013": WARNING,  # no course, no guarantee
    "TW-P030": WARNING,  # text and expression: numbers
    "TW-P031": WARNING,  # text and expression: comparators
    "TW-P033": WARNING,  # a list joined by "and"
    "TW-P055": WARNING,  # sample size
    "TW-P050": WARNING,  # objective without endpoint
    "TW-P051": WARNING,  # endpoint without definition
    "TW-P052": WARNING,  # endpoint without time point
    "TW-P053": WARNING,  # endpoint without method
    "TW-P059": WARNING,  # registered primary outcome without time frame
    "TW-P057": WARNING,  # outcome that no endpoint carries out
    "TW-P058": WARNING,  # endpoint names an outcome the record has not
    "TW-P061": WARNING,  # non-randomized with one arm
    "TW-P062": WARNING,  # registered after start
    "TW-P093": WARNING,  # a monitoring rule never stops
    "TW-P067": WARNING,  # enrolment and sample size
    "TW-P066": WARNING,  # arms
    "TW-P071": WARNING,  # baseline not collected
    "TW-P072": WARNING,  # several primaries
    "TW-P075": WARNING,  # no intercurrent events
    "TW-P079": WARNING,  # follow-up too short
    "TW-P080": WARNING,  # dates out of order
    "TW-P064": WARNING,  # assumption without source
    "TW-P023": WARNING,  # no renewed consent
    "TW-P018": WARNING,  # repeats
    "TW-P025": NOTE,  # implied by the others
    "TW-P027": NOTE,  # not decided by the solver
    "TW-P017": NOTE,  # everybody meets it
    "TW-P019": NOTE,  # merely the negation
    "TW-P034": NOTE,  # unknown abbreviation
    "TW-P035": NOTE,  # beyond the text
    "TW-P004": NOTE,  # rules overlap
    "TW-P063": NOTE,  # sites without contact
    "TW-P070": NOTE,  # grading version
    "TW-P074": NOTE,  # no interval
    "TW-P076": NOTE,  # no population
    "TW-P077": NOTE,  # endpoint of no objective
    "TW-P081": NOTE,  # objective whose endpoints no outcome registers
    "TW-P094": NOTE,  # what a monitoring rule does
    "TW-P098": NOTE,  # the intervention is not explored
    "TW-P099": NOTE,  # an acknowledgement that matches nothing
}
RANK = {code: rank for rank, code in enumerate(WEIGHTS)}


def finding(
    code: str,
    place: Place,
    title: str,
    *sentences: str,
    ways: Iterable[str] = (),
    witness: str = "",
    severity: Severity | None = None,
) -> Finding:
    """Write a finding; its severity is the code's own unless another is given."""
    detail = "\n".join(sentence for sentence in sentences if sentence)
    return Finding(code, severity or WEIGHTS[code], place, title, detail, tuple(ways), witness)


def listed(words: Sequence[str], joint: str = "and") -> str:
    """Write `a, b and c`."""
    return f"{', '.join(words[:-1])} {joint} {words[-1]}" if len(words) > 1 else "".join(words)


def number(value: Fraction | Decimal | float) -> str:
    """Write a number as people do: `15`, `0.5`, `1.25`."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6g}"
