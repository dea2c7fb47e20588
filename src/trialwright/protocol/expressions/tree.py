"""The typed tree of an expression: kinds, scope and nodes. Data only; it neither reads text nor computes.

Every node is a frozen value; two trees are equal when they mean the same thing in the same scope, wherever they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from trialwright.protocol.expressions.inputs import Input
from trialwright.vocabulary.findings import Place
from trialwright.vocabulary.units import Unit


class Kind(StrEnum):
    """What a value is. A duration is a quantity of time; a flag is recorded, a truth is computed; of a text it is only
    asked whether it is known."""

    QUANTITY = "quantity"
    CODE = "code"
    FLAG = "flag"
    SET = "set"
    DATE = "date"
    DURATION = "duration"
    TEXT = "text"
    TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount as written, in decimals, with its unit; None is a bare number."""

    amount: Decimal
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class VariableType:
    """What is known of a variable before any value is.

    Args:
        kind: Its kind.
        unit: Of a quantity or duration; None is a bare number.
        codes: Of a code or set, in declared order.
        ordered: Whether the order of the codes means something, so that ``<`` may compare them.
        parents: Pairs of code and the more general code above it.
        complete: Of a set: what isn't listed was not given.
        low: Lowest plausible value, in ``unit``.
        high: Highest plausible value, in ``unit``.
        label: What people call it; the name where empty.
    """

    kind: Kind
    unit: Unit | None = None
    codes: tuple[str, ...] = ()
    ordered: bool = False
    parents: tuple[tuple[str, str], ...] = ()
    complete: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression may use.

    Args:
        variables: By name.
        parameters: By name; known constants.
        responses: Name to ordered categories, worst first.
        special_interest: Groups of adverse events of special interest.
        encounters: Names of encounters that time may be counted from.
        milestones: Further named milestones that the engine knows.
        doses: Interventions and the unit of their dose (None: mg/d).
        medications: Groups of concomitant medication; any name is accepted where empty.
        arms: Names of arms.
        strata: Stratification factor to its categories.
        epochs: In order.
        rules: Identifiers of hold rules; any name is accepted where empty.
        regimen: The intervention whose dosing is being read: a bare ``dose`` is its dose; "" outside any.
        derives: The coded variable whose derivation is being read: its branches give its codes; None elsewhere.
    """

    variables: Mapping[str, VariableType] = field(default_factory=dict)
    parameters: Mapping[str, Quantity] = field(default_factory=dict)
    responses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    special_interest: frozenset[str] = frozenset()
    encounters: frozenset[str] = frozenset()
    milestones: frozenset[str] = frozenset()
    doses: Mapping[str, Unit | None] = field(default_factory=dict)
    medications: frozenset[str] = frozenset()
    arms: tuple[str, ...] = ()
    strata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    epochs: tuple[str, ...] = ()
    rules: frozenset[str] = frozenset()
    regimen: str = ""
    derives: VariableType | None = None


Comparator = Literal["<", "<=", "=", "!=", ">=", ">"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """An input, with the type that its values have."""

    input: Input
    type: VariableType


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, and its exact value in the unit that its context works in."""

    amount: Decimal
    unit: Unit | None
    value: Fraction


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named constant: the quantity of the file, and its exact value in the unit that its context works in."""

    name: str
    quantity: Quantity
    value: Fraction


@dataclass(frozen=True, slots=True)
class Code:
    """A code, with its index in the codes that its context compares."""

    name: str
    index: int


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A calendar date as written."""

    on: date


@dataclass(frozen=True, slots=True)
class Verdict:
    """``true`` or ``false`` as written."""

    value: bool


@dataclass(frozen=True, slots=True)
class Scaled:
    """An operand brought to another unit: its value times an exact factor."""

    operand: Node
    factor: Fraction


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left operator right``; both sides of + and - are in one unit. Division by zero is unknown."""

    operator: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative:
    """The operand with its sign turned."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Power:
    """``operand ^ exponent``; a root of a negative number is unknown."""

    operand: Node
    exponent: Fraction


@dataclass(frozen=True, slots=True)
class Function:
    """``abs`` of one operand, ``min`` or ``max`` of two or more in one unit; ``ln``, ``log10``, ``exp`` of a plain number."""

    name: Literal["abs", "min", "max", "ln", "log10", "exp"]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Current value minus the reference (baseline or previous); with ``percent`` in per cent of the reference."""

    current: Leaf
    reference: Leaf
    percent: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """A date moved by calendar months, or by days given as a number of days; month ends clamp."""

    operand: Node
    months: int
    days: Node | None


@dataclass(frozen=True, slots=True)
class Interval:
    """Days from the earlier date to the later one."""

    later: Node
    earlier: Node


@dataclass(frozen=True, slots=True)
class Compare:
    """``left comparator right``, both in ``unit``, both dates, or both of the same ordered codes.

    Two numbers are equal when they differ by at most 1e-9 of the larger magnitude, or 1e-12.
    """

    comparator: Comparator
    left: Node
    right: Node
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """A code among those listed. ``accepts`` holds a truth per code of the operand: 0 no, 1 can't be said, 2 yes."""

    operand: Node
    codes: tuple[str, ...]
    accepts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Includes:
    """A set holds any (or all, or at least so many) of the codes listed; each code stands with the indices that count as
    it, and those too general to tell."""

    operand: Leaf
    codes: tuple[str, ...]
    quantifier: Literal["any", "all"] | int
    matches: tuple[tuple[int, ...], ...]
    vague: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Subset:
    """A set holds nothing but the codes listed (nothing at all where empty): ``allowed`` are the indices that count as
    them, ``vague`` those too general to tell."""

    operand: Leaf
    codes: tuple[str, ...]
    allowed: tuple[int, ...]
    vague: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The operand has a value. Never unknown."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Not:
    """False when true, true when false."""

    operand: Node


@dataclass(frozen=True, slots=True)
class And:
    """True when all are, false when any is false, otherwise unknown."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True when any is, false when all are false, otherwise unknown."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If:
    """The one or the other; where the condition is unknown, their value if both have the same."""

    condition: Node
    then: Node
    otherwise: Node


Node = (
    Leaf
    | Number
    | Parameter
    | Code
    | CalendarDate
    | Verdict
    | Scaled
    | Arithmetic
    | Negative
    | Power
    | Function
    | Change
    | Shift
    | Interval
    | Compare
    | Within
    | Includes
    | Subset
    | Known
    | Not
    | And
    | Or
    | If
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A read and typed expression.

    Args:
        text: As written.
        place: Of its first character.
        kind: Of its value.
        unit: Of its value, for a quantity or duration; None is a bare number.
        node: The typed tree.
        inputs: What it reads, each once, in order of first appearance.
        codes: Of its value, for a code.
    """

    text: str
    place: Place
    kind: Kind
    unit: Unit | None
    node: Node
    inputs: tuple[Input, ...]
    codes: tuple[str, ...] = ()
