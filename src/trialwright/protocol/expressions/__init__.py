"""The expression language: read and type a text, evaluate it over arrays in three-valued truth, and say why.

Total by construction: no loops, no recursion, no clock, no chance, no functions by the author. It never keeps values
and never looks anything up: what it needs is named as inputs, which the caller supplies.
"""

from trialwright.protocol.expressions.atoms import Atom, Linear, atoms, truth_given
from trialwright.protocol.expressions.calendar import elapsed
from trialwright.protocol.expressions.evaluate import evaluate
from trialwright.protocol.expressions.explain import Explanation, explain
from trialwright.protocol.expressions.inputs import (
    AdverseEvents,
    Aggregate,
    Arm,
    Assent,
    Baseline,
    Consent,
    CurrentEpoch,
    Day,
    DoseOf,
    EventCount,
    Held,
    HoldInputs,
    Increase,
    Input,
    LevelOf,
    Limit,
    Medication,
    Milestone,
    Previous,
    Reading,
    Recurrence,
    ResponseOf,
    Since,
    Stopped,
    Stratum,
    Today,
    TotalDose,
)
from trialwright.protocol.expressions.kleene import truth
from trialwright.protocol.expressions.lexer import reserved_words
from trialwright.protocol.expressions.missing import missing_inputs
from trialwright.protocol.expressions.quantities import parse_quantity
from trialwright.protocol.expressions.read import read_expression
from trialwright.protocol.expressions.text import input_text, to_text
from trialwright.protocol.expressions.tree import Expression, Kind, Node, Quantity, Scope, VariableType
from trialwright.protocol.expressions.values import Values
from trialwright.protocol.expressions.walk import substitute
from trialwright.protocol.expressions.wording import Fact

__all__ = [
    "AdverseEvents",
    "Aggregate",
    "Arm",
    "Assent",
    "Atom",
    "Baseline",
    "Consent",
    "CurrentEpoch",
    "Day",
    "DoseOf",
    "EventCount",
    "Explanation",
    "Expression",
    "Fact",
    "Held",
    "HoldInputs",
    "Increase",
    "Input",
    "Kind",
    "LevelOf",
    "Limit",
    "Linear",
    "Medication",
    "Milestone",
    "Node",
    "Previous",
    "Quantity",
    "Reading",
    "Recurrence",
    "ResponseOf",
    "Scope",
    "Since",
    "Stopped",
    "Stratum",
    "Today",
    "TotalDose",
    "Values",
    "VariableType",
    "atoms",
    "elapsed",
    "evaluate",
    "explain",
    "input_text",
    "missing_inputs",
    "parse_quantity",
    "read_expression",
    "reserved_words",
    "substitute",
    "to_text",
    "truth",
    "truth_given",
]
