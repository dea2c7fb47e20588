"""Single values and lists out of a call's parameters, each with its bounds. Knows no parameter by its meaning."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from trialwright.registry.requests.errors import ParameterError

Params = Mapping[str, Sequence[str]]

_LIST = re.compile(r"[,|]")
_DIGITS = 18  # more cannot be meant; keeps a hostile number from costing anything
_SHOWN = 80


def refuse_unknown(params: Params, known: Collection[str], prefixes: Collection[str] = ()) -> None:
    """Refuse a parameter that is not known.

    Args:
        params: The call's parameters.
        known: The names that may stand.
        prefixes: Prefixes of grouped names that the address has at all (``query``, ``filter``, ``postFilter``).

    Raises:
        ParameterError: Named as the original service names it.
    """
    for name in params:
        if name in known:
            continue
        prefix, dot, _ = name.partition(".")
        if dot and prefix not in prefixes:
            raise ParameterError(f"Invalid prefix in parameter name: {shown(name)}", parameter=name)
        raise ParameterError(f"`{shown(name)}` is unknown parameter", parameter=name)


def shown(text: str) -> str:
    """A caller's text as it may stand in an answer: short, on one line, without control characters."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text[: _SHOWN + 1])
    return clean if len(clean) <= _SHOWN else f"{clean[:_SHOWN]}…"


def single(params: Params, name: str) -> str | None:
    """The one value of a parameter, or None where it is absent or empty.

    Raises:
        ParameterError: It is given twice with different values.
    """
    values = {value for value in params.get(name, ()) if value.strip()}
    if len(values) > 1:
        raise ParameterError(f"Parameter `{name}` is given more than once", parameter=name)
    return values.pop() if values else None


def listed(params: Params, name: str) -> tuple[str, ...] | None:
    """The items of a list parameter, parted by commas or bars (or given several times); None where it is absent.

    Items are trimmed, and empty ones left out, so the result of ``fields=`` is ``()``.
    """
    if name not in params:
        return None
    items = (item.strip() for value in params[name] for item in _LIST.split(value))
    return tuple(dict.fromkeys(item for item in items if item))


def one_of(params: Params, name: str, allowed: Sequence[str]) -> str:
    """A parameter that takes one of a few words; the first of them where it is absent."""
    value = single(params, name)
    if value is None:
        return allowed[0]
    if value not in allowed:
        words = ", ".join(f"`{word}`" for word in allowed)
        raise ParameterError(f"Invalid value in parameter {name}: '{shown(value)}'. Allowed values are {words}", parameter=name)
    return value


def truth(params: Params, name: str) -> bool:
    """A parameter that is ``true`` or ``false``; false where it is absent."""
    return {"true": True, "false": False}[one_of(_lowered(params, name), name, ("false", "true"))]


def _lowered(params: Params, name: str) -> Params:
    return {name: [value.lower() for value in params.get(name, ())]}


def whole_number(params: Params, name: str) -> int | None:
    """A parameter that is a whole number, 0 or more; None where it is absent."""
    value = single(params, name)
    if value is None:
        return None
    digits = value.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits.lstrip("0")) <= _DIGITS):
        raise ParameterError(f"Parameter `{name}` has incorrect format: '{shown(value)}'", parameter=name)
    return int(digits.lstrip("0") or "0")
