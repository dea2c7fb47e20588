"""``filter.geo`` and ``geoDecay``: a circle on the globe, and how relevance fades with distance from its centre."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trialwright.registry.index import Decay
from trialwright.registry.requests.errors import ParameterError
from trialwright.registry.requests.reading import Params, shown, single

KM_IN_A_MILE = 1.609344
LEAST_MILES, MOST_MILES = 1.0, 500.0
DEFAULT_DECAY = "func:exp,scale:300mi,offset:0mi,decay:0.5"

_FUNCTIONS: Mapping[str, Literal["exp", "gauss", "linear"]] = {"exp": "exp", "gauss": "gauss", "linear": "linear"}
_NUMBER = r"\d{1,12}(?:\.\d{1,20})?"
_CIRCLE = re.compile(rf"distance\(\s*(-?{_NUMBER})\s*,\s*(-?{_NUMBER})\s*,\s*({_NUMBER})\s*(km|mi)?\s*\)")
_DECAY = re.compile(
    rf"func:(gauss|exp|linear),scale:({_NUMBER})(km|mi),offset:({_NUMBER})(km|mi),decay:({_NUMBER})"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Circle:
    """A place and a distance around it, in degrees north and east and in kilometres."""

    lat: float
    lon: float
    radius_km: float


def read_circle(params: Params, name: str) -> Circle | None:
    """The circle of ``filter.geo`` or ``postFilter.geo``; None where it is absent. Without a unit, miles.

    Raises:
        ParameterError: It has another form, or lies off the globe, or is not between 1 and 500 miles.
    """
    value = single(params, name)
    if value is None:
        return None
    found = _CIRCLE.fullmatch(value.strip())
    if found is None:
        raise ParameterError(f"Parameter `{name}` has incorrect format: '{shown(value)}'", parameter=name)
    lat, lon, radius_km = float(found[1]), float(found[2]), _km(found[3], found[4])
    if abs(lat) > 90 or abs(lon) > 180:
        raise ParameterError(f"Parameter `{name}` lies off the globe: '{shown(value)}'", parameter=name)
    if not LEAST_MILES <= radius_km / KM_IN_A_MILE <= MOST_MILES + 1e-9:
        raise ParameterError(f"Distance in `{name}` must be from 1 mi to 500 mi: '{shown(value)}'", parameter=name)
    return Circle(lat, lon, radius_km)


def read_decay(params: Params) -> Decay:
    """The proximity factor of ``geoDecay``, or the usual one.

    Raises:
        ParameterError: It has another form, or a scale of 0, or a decay that is not between 0 and 1.
    """
    value = single(params, "geoDecay") or DEFAULT_DECAY
    found = _DECAY.fullmatch(value.strip())
    if found is None:
        raise ParameterError(f"Parameter `geoDecay` has incorrect format: '{shown(value)}'", parameter="geoDecay")
    kind, scale, scale_unit, offset, offset_unit, fraction = found.groups()
    decay = Decay(_FUNCTIONS[kind], _km(scale, scale_unit), _km(offset, offset_unit), float(fraction))
    if decay.scale_km <= 0 or not 0 < decay.decay < 1:
        text = f"Parameter `geoDecay` needs a scale above 0 and a decay between 0 and 1: '{shown(value)}'"
        raise ParameterError(text, parameter="geoDecay")
    return decay


def _km(number: str, unit: str | None) -> float:
    return float(number) * (1.0 if unit == "km" else KM_IN_A_MILE)
