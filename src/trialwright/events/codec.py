"""Events to log fields and back: kind, version and plain JSON values. Reads every version ever written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, get_args

from pydantic import ValidationError

from trialwright.events.catalogue import AnyEvent, Event

REDACTED = "[redacted]"
KINDS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(AnyEvent)}


class UnknownEvent(ValueError):  # noqa: N818 - named for what was found
    """An entry's kind, version or fields are not in the catalogue; the message says which and why."""


def encode(event: Event) -> tuple[str, int, dict[str, Any]]:
    """Return the kind, version and fields of an event; fields at their default are left out."""
    return type(event).__name__, event.version, event.model_dump(mode="json", exclude_defaults=True)


def decode(kind: str, version: int, fields: Mapping[str, Any], erased: Collection[str] = ()) -> AnyEvent:
    """Return the event that ``encode`` wrote.

    Args:
        kind: Its name in the catalogue.
        version: Of the kind.
        fields: What is left of its fields.
        erased: Names of the fields that were erased: text reads "[redacted]", what may be left out is left out.

    Raises:
        UnknownEvent: The kind is not in the catalogue, the version is newer than this program, or a field is wrong or
            erased although nothing can stand in its place.
    """
    model = KINDS.get(kind)
    if model is None:
        raise UnknownEvent(f"no event is called {kind}")
    if version != model.version:
        raise UnknownEvent(f"{kind} version {version} is not read by this program, which writes {model.version}")
    whole = {**fields, **_in_place_of(model, erased)} if erased else dict(fields)
    try:
        return model.model_validate(whole)  # type: ignore[return-value]  # KINDS holds only members of AnyEvent
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        reason = "it was erased, and nothing can stand in its place" if where in erased else first["msg"]
        raise UnknownEvent(f"{kind}.{where}: {reason}") from None


def _in_place_of(model: type[Event], erased: Collection[str]) -> dict[str, str]:
    """Put "[redacted]" where text stood; a field that may be left out and is no text is left out."""
    found = {}
    for name in erased:
        field = model.model_fields.get(name)
        if field is None or field.is_required() or field.annotation is str:
            found[name] = REDACTED
    return found
