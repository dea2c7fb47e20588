"""Text → Expression: parse, type, and check that the value is of the kind and unit that its place wants."""

from __future__ import annotations

from dataclasses import replace

from trialwright.protocol.expressions.context import TRUTH, Context, Said, Typed, Wrong, as_truth
from trialwright.protocol.expressions.parse import SyntaxFault, parse
from trialwright.protocol.expressions.quantities import bring, shown
from trialwright.protocol.expressions.tree import Expression, Kind, Scope, VariableType
from trialwright.protocol.expressions.types import READERS
from trialwright.protocol.expressions.walk import inputs_of
from trialwright.vocabulary.findings import Finding, Place
from trialwright.vocabulary.units import Unit


def read_expression(
    text: str,
    scope: Scope,
    place: Place,
    expect: Kind | None = Kind.TRUTH,
    subject_unit: Unit | None = None,
    indent_column: int | None = None,
) -> tuple[Expression | None, tuple[Finding, ...]]:
    """Read an expression and type it.

    Args:
        text: As it stands in the file, line breaks kept.
        scope: The names it may use.
        place: Of its first character.
        expect: The kind that its place wants; None takes any.
        subject_unit: The unit that its value is wanted in (of the variable it derives); converted exactly.
        indent_column: The column at which its later lines begin; that of ``place`` where not given.

    Returns:
        The expression, or None where it can't be read, and what was found: errors when there is no expression, notes
        and warnings otherwise.
    """
    context = Context(text, scope, place, indent_column, READERS)
    tree = parse(text)
    if isinstance(tree, SyntaxFault):
        context.say(Wrong(tree.code, (tree.start, tree.end), tree.title, tree.detail, tree.ways_out))
        return None, tuple(context.findings)
    try:
        found = context.typed(tree.children[0])  # type: ignore[arg-type] # start has one subtree
        typed = _expected(context, found, expect, subject_unit)
    except Wrong as wrong:
        context.say(wrong)
        return None, tuple(context.findings)
    except Said:
        return None, tuple(context.findings)
    kind = typed.type
    expression = Expression(text, place, kind.kind, kind.unit, typed.node, inputs_of(typed.node), kind.codes)
    return expression, tuple(context.findings)


def _expected(context: Context, typed: Typed, expect: Kind | None, unit: Unit | None) -> Typed:
    if expect is Kind.TRUTH or expect is Kind.FLAG:
        return replace(as_truth(context, typed), type=TRUTH)
    numeric = (Kind.QUANTITY, Kind.DURATION)
    fits = expect is None or typed.type.kind is expect or (expect is Kind.QUANTITY and typed.numeric)
    if not fits:
        words = context.source(typed.span)
        raise Wrong("TW-E006", typed.span, f"{words} is a {typed.type.kind}; a {expect} is wanted here")
    if unit is None or typed.type.kind not in numeric:
        return typed
    wanted = Typed(typed.node, VariableType(typed.type.kind, unit), typed.span)
    if typed.unit is not None and unit.dimension != typed.unit.dimension:
        words = context.source(typed.span)
        title = f"{words} is in {shown(typed.unit)}, and {shown(unit)} is wanted here"
        raise Wrong("TW-E004", typed.span, title, "The two measure different things.")
    return replace(typed, node=bring(context, typed, unit, wanted), type=wanted.type)
