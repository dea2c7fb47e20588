"""The one error of a call's parameters, in the words of the service that callers know. Never knows how it is answered."""

from __future__ import annotations


class ParameterError(ValueError):
    """A parameter that cannot be followed.

    Args:
        text: The sentence for the caller, in the original service's words where they are known.
        position: Of an expression error, the 0-based character at which it stands.
        suggestion: What may have been meant, or "".
        parameter: The parameter's name, or "".
    """

    def __init__(self, text: str, *, position: int | None = None, suggestion: str = "", parameter: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.position = position
        self.suggestion = suggestion
        self.parameter = parameter
