"""Events to log fields and back: kind, version and plain JSON values. Reads every version ever written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError

from trialwright.events.catalogue import AnyEvent, Event

KINDS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(AnyEvent)}


class UnknownEvent(ValueError):  # noqa: N818 - named for what was found
    """An entry's kind, version or fields are not in the catalogue; the message says which and why."""


def encode(event: Event) -> tuple[str, int, dict[str, Any]]:
    """Return the kind, version and fields of an event; fields at their default are left out."""
    return type(event).__name__, event.version, event.model_dump(mode="json", exclude_defaults=True)


def decode(kind: str, version: int, fields: Mapping[str, Any]) -> AnyEvent:
    """Return the event that ``encode`` wrote.

    Raises:
        UnknownEvent: The kind is not in the catalogue, the version is newer than this program, or a field is wrong.
    """
    model = KINDS.get(kind)
    if model is None:
        raise UnknownEvent(f"no event is called {kind}")
    if version != model.version:
        raise UnknownEvent(f"{kind} version {version} is not read by this program, which writes {model.version}")
    try:
        return model.model_validate(dict(fields))  # type: ignore[return-value]  # KINDS holds only members of AnyEvent
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise UnknownEvent(f"{kind}.{where}: {first['msg']}") from None
