"""What is wrong with an expression, where, and what to try instead."""

from __future__ import annotations


class ExpressionError(ValueError):
    """An expression that cannot be read.

    Args:
        message: What is wrong, in the registry's own words where they are known.
        position: Where in the text, from 0.
        suggestion: What to try instead, if anything is plain.
    """

    def __init__(self, message: str, position: int, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.suggestion = suggestion

    def pointed(self, text: str, width: int = 60) -> str:
        """The stretch of text around the place with a caret below it.

        >>> print(ExpressionError("missing ')' at '<EOF>'", 6).pointed("(a OR b"))
        (a OR b
              ^
        """
        start = max(0, self.position - width // 2)
        shown = "".join(c if c.isprintable() else " " for c in text[start : start + width])
        return f"{shown}\n{' ' * (self.position - start)}^"
