"""A search of the portal in the parameters of the API, so that it can be downloaded, followed or asked again by a program."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from trialwright.registry.index import Profile
from trialwright.registry.language import escape, format_expression
from trialwright.web.portal.addresses import Parameters
from trialwright.web.portal.asking import Asked

MOST_ROWS = 1_000


def api_parameters(asked: Asked) -> Parameters:
    """What finds the same studies through ``/api/v2/studies``; the person's age and sex become an expression."""
    request = asked.request
    if request is None:
        return Parameters(())
    passed = [pair for pair in asked.parameters.pairs if pair[0].startswith(("query.", "filter.overallStatus"))]
    passed += [("aggFilters", ",".join(asked.parameters.all("aggFilters")))] if asked.parameters.all("aggFilters") else []
    box = asked.parameters.first("q") if asked.as_expression else escape(asked.words)
    if box and request.keys is None:
        passed.append(("query.term", box))
    if request.keys is not None:
        passed.append(("filter.ids", ",".join(request.keys)))
    if request.near and request.near.radius_km is not None:
        near = request.near
        passed.append(("filter.geo", f"distance({near.lat:g},{near.lon:g},{near.radius_km:g}km)"))
    advanced = [*_own_filters(asked), *(_profile(request.profile) if request.profile else ())]
    if advanced:
        passed.append(("filter.advanced", " AND ".join(f"({one})" for one in advanced)))
    passed += [("sort", one) for one in asked.parameters.all("sort") if one != "@distance"]
    return Parameters(tuple(passed))


def api_href(asked: Asked, **more: str) -> str:
    """The address at the API, with further parameters such as ``format="csv"``."""
    pairs = [*api_parameters(asked).pairs, *more.items()]
    return f"/api/v2/studies?{urlencode(pairs, quote_via=quote, safe=':,()|')}"


def _own_filters(asked: Asked) -> Iterator[str]:
    """What no parameter of the API says: the lists that the portal browses by, and what the box was taken to mean."""
    assert asked.request is not None
    given = asked.parameters.first("filter.advanced")
    if given:
        yield given
    yield from (format_expression(node) for node in asked.own_filters)


def _profile(profile: Profile) -> Iterator[str]:
    if profile.age_years is not None:
        age = f"{profile.age_years:g} years"
        yield f"AREA[MinimumAge]MISSING OR AREA[MinimumAge]RANGE[MIN, {age}]"
        yield f"AREA[MaximumAge]MISSING OR AREA[MaximumAge]RANGE[{age}, MAX]"
    if profile.sex:
        yield f"NOT AREA[Sex]{'MALE' if profile.sex == 'FEMALE' else 'FEMALE'}"
    if profile.healthy:
        yield "AREA[HealthyVolunteers]true"
