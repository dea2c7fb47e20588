"""What a design refuses: one typed error that names the field, the value and what is allowed. Repairs nothing."""

from __future__ import annotations

import math


class DesignError(ValueError):
    """A number that no design can be made of.

    Args:
        field: The parameter's name, as the caller wrote it.
        value: What was given.
        allowed: What may be given, in words.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field, self.value, self.allowed = field, value, allowed
        super().__init__(f"{field} is {value}; {allowed}")


def require_rate(field: str, value: float) -> float:
    """Return a probability strictly between 0 and 1, or raise DesignError."""
    if not (isinstance(value, (int, float)) and 0 < value < 1):
        raise DesignError(field, value, "a number strictly between 0 and 1 is wanted")
    return float(value)


def require_chance(field: str, value: float) -> float:
    """Return a probability from 0 to 1, both included, or raise DesignError."""
    if not (isinstance(value, (int, float)) and 0 <= value <= 1):
        raise DesignError(field, value, "a number from 0 to 1 is wanted")
    return float(value)


def require_positive(field: str, value: float) -> float:
    """Return a finite number above 0, or raise DesignError."""
    if not (isinstance(value, (int, float)) and math.isfinite(value) and value > 0):
        raise DesignError(field, value, "a finite number above 0 is wanted")
    return float(value)


def require_count(field: str, value: int, low: int = 1, high: int = 10_000) -> int:
    """Return a whole number from ``low`` to ``high``, or raise DesignError."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise DesignError(field, value, f"a whole number from {low} to {high} is wanted")
    return value


def require_rising_rates(p0: float, p1: float) -> tuple[float, float]:
    """Return an uninteresting rate and a greater one worth finding, both strictly between 0 and 1."""
    low, high = require_rate("p0", p0), require_rate("p1", p1)
    if low >= high:
        raise DesignError("p1", p1, f"it must be above p0 ({p0})")
    return low, high


def require_levels(alpha: float, power: float) -> tuple[float, float]:
    """Return a type I error and a power, each strictly between 0 and 1, the power above the type I error."""
    level, wanted = require_rate("alpha", alpha), require_rate("power", power)
    if wanted <= level:
        raise DesignError("power", power, f"it must be above alpha ({alpha})")
    return level, wanted
