"""A call of ``/studies`` in the parameters of ClinicalTrials.gov's API 2.0.5, as a request to the index.

Pure: knows no catalogue, so numbers of merged records (aliases) are resolved by ``with_canonical_keys``. Source: the
official OpenAPI document and the recorded behaviour that docs/reference/api.md lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from trialwright.registry.index import Near, Request
from trialwright.registry.language import (
    ExpressionError,
    Node,
    canonical_nct,
    check_names,
    has_operators,
    only_nct_ids,
    parse_expression,
)
from trialwright.registry.requests.aggregated import NOTHING, aggregated_expressions
from trialwright.registry.requests.errors import ParameterError
from trialwright.registry.requests.nearby import Circle, read_circle, read_decay
from trialwright.registry.requests.paging import page_size, read_page_token
from trialwright.registry.requests.reading import Params, listed, one_of, refuse_unknown, shown, single, truth
from trialwright.registry.requests.sorting import read_sort
from trialwright.registry.structure import areas, enum_type, structure

GROUPS = ("filter", "postFilter")
PREFIXES = ("query", *GROUPS)
QUERY_AREAS: Mapping[str, tuple[str, str]] = {
    "query.cond": ("ConditionSearch", "Conditions or disease"),
    "query.term": ("BasicSearch", "Other terms"),
    "query.locn": ("LocationSearch", "Location terms"),
    "query.titles": ("TitleSearch", "Title / acronym"),
    "query.intr": ("InterventionSearch", "Intervention / treatment"),
    "query.outc": ("OutcomeSearch", "Outcome measure"),
    "query.spons": ("SponsorSearch", "Sponsor / collaborator"),
    "query.lead": ("LeadSponsorName", "Lead sponsor"),
    "query.id": ("IdSearch", "Study IDs"),
    "query.patient": ("PatientSearch", "Patient"),
}
_FILTERS = tuple(f"{group}.{kind}" for group in GROUPS for kind in ("overallStatus", "geo", "ids", "advanced", "synonyms"))
_OTHERS = ("format", "markupFormat", "aggFilters", "geoDecay", "fields", "sort", "countTotal", "pageSize", "pageToken")
KNOWN = frozenset({*QUERY_AREAS, *_FILTERS, *_OTHERS})
"""Every parameter of ``/studies``."""
NOTE_PARAMETER, NOTE_FROM_WORDS = "query.patient", 20
"""A text of so many words is read as a patient's note; the original asks that a study holds each of them."""
FORMATS = ("json", "csv")
MARKUPS = ("markdown", "legacy")
_SYNONYM = re.compile(r"([A-Za-z]{1,40}):([\w.\-]{1,60})")


@dataclass(frozen=True, slots=True)
class StudiesCall:
    """What a call of ``/studies`` asks for.

    Args:
        request: What to find, with the page's ``offset`` and ``limit``.
        format: ``json`` or ``csv``.
        markup: ``markdown`` or ``legacy``.
        fields: What to show of each study (columns for csv), ``@query`` resolved; None for all of it.
        first_page: Whether no page token was given: only then are a total and a row of column names returned.
    """

    request: Request
    format: str
    markup: str
    fields: tuple[str, ...] | None
    first_page: bool


def request_from_v2(params: Params, also: Collection[str] = ()) -> Request:
    """The request of v2 parameters, for whoever answers in another shape than the API.

    Args:
        params: Values by parameter name.
        also: Names of the caller's own parameters, which are left alone.

    Raises:
        ParameterError: A parameter is unknown, malformed, or holds an expression that cannot be read.
    """
    refuse_unknown(params, KNOWN | set(also), PREFIXES)
    queries, keys = _queries(params)
    decay = read_decay(params)
    circles = [circle for group in GROUPS if (circle := read_circle(params, f"{group}.geo"))]
    filters = (*_filters(params), *(_within(circle) for circle in circles[1:]))
    if keys is None:
        keys = _ids(params)
    else:  # numbers alone: the filters, though read, are left out
        circles, filters = [], ()
    return Request(
        queries=queries,
        note=_note(params),
        filters=filters,
        keys=keys,
        near=Near(circles[0].lat, circles[0].lon, circles[0].radius_km) if circles else None,
        geo_decay=decay if circles else None,
        sort=read_sort(params),
        offset=read_page_token(params) or 0,
        limit=page_size(params),
        count=truth(params, "countTotal") and read_page_token(params) is None,
    )


def read_studies_call(params: Params) -> StudiesCall:
    """A call of ``/studies``, read whole.

    Raises:
        ParameterError: As ``request_from_v2``, or ``fields`` names what there is not.
    """
    request = request_from_v2(params)
    form = one_of(params, "format", FORMATS)
    markup = one_of(params, "markupFormat", MARKUPS)
    fields = listed(params, "fields") if form == "csv" else read_fields(params)
    return StudiesCall(request, form, markup, fields, first_page=read_page_token(params) is None)


def read_fields(params: Params) -> tuple[str, ...] | None:
    """The names of ``fields`` for JSON, each known; ``@query`` becomes the pieces that the queries searched.

    Raises:
        ParameterError: A name is neither piece, path, branch nor search area; or there is none.
    """
    names = listed(params, "fields")
    if names is None:
        return None
    if not names:
        raise ParameterError("Parameter 'fields' must not be empty", parameter="fields")
    found: list[str] = []
    for name in names:
        if name == "@query":
            found += [area for query, (area, _) in QUERY_AREAS.items() if single(params, query)]
        elif name in areas() or structure().node(name) is not None:
            found.append(name)
        else:
            raise ParameterError(f"Parameter 'fields' contains invalid field name: '{shown(name)}'", parameter="fields")
    return tuple(dict.fromkeys(found))


def with_canonical_keys(request: Request, resolve: Callable[[str], str | None]) -> Request:
    """The request with each number replaced by the one that its record has now; numbers without a record are dropped.

    Args:
        request: A request.
        resolve: Canonical key of a number or alias, or None.
    """
    if request.keys is None:
        return request
    found = dict.fromkeys(key for one in request.keys if (key := resolve(one)) is not None)
    return replace(request, keys=tuple(found))


def read_expression(text: str, label: str, parameter: str = "") -> Node:
    """An expression, its names checked.

    Args:
        text: The expression.
        label: What callers know the place as, such as ``Other terms``.
        parameter: The parameter's name.

    Raises:
        ParameterError: It cannot be read; with the position and what may have been meant.
    """
    try:
        node = parse_expression(text)
        check_names(node)
    except ExpressionError as error:
        words = f"Error parsing query in {label}: {error.message}"
        raise ParameterError(words, position=error.position, suggestion=error.suggestion or "", parameter=parameter) from error
    return node


def _queries(params: Params) -> tuple[tuple[tuple[str, Node], ...], tuple[str, ...] | None]:
    """The queries by area; and, where one holds only NCT numbers, those numbers, to which the search is then confined."""
    found: list[tuple[str, Node]] = []
    keys: set[str] | None = None
    for name, (area, label) in QUERY_AREAS.items():
        text = single(params, name)
        if text is None:
            continue
        if _is_note(name, text):
            continue
        numbers = only_nct_ids(text)
        if numbers:
            keys = set(numbers) if keys is None else keys & set(numbers)
        else:
            found.append((area, read_expression(text, label, name)))
    return tuple(found), tuple(sorted(keys)) if keys is not None else None


def _note(params: Params) -> str:
    text = single(params, NOTE_PARAMETER)
    return text if text is not None and _is_note(NOTE_PARAMETER, text) else ""


def _is_note(name: str, text: str) -> bool:
    """Whether a text is a patient's note and no expression: many words, and none of them an operator."""
    return name == NOTE_PARAMETER and len(text.split()) >= NOTE_FROM_WORDS and not has_operators(text)


def _filters(params: Params) -> tuple[Node, ...]:
    found: list[Node] = []
    for group in GROUPS:
        found += [_own(text) for text in (*_statuses(params, f"{group}.overallStatus"), *_synonyms(params, f"{group}.synonyms"))]
        advanced = single(params, f"{group}.advanced")
        if advanced is not None:
            found.append(read_expression(advanced, "advanced filter", f"{group}.advanced"))
    return (*found, *(_own(text) for text in aggregated_expressions(params)))


def _own(text: str) -> Node:
    return parse_expression(text)


def _statuses(params: Params, name: str) -> Iterable[str]:
    wanted = listed(params, name)
    if not wanted:
        return ()
    known = {each.value for each in enum_type("Status").values}
    for value in wanted:
        if value not in known:
            raise ParameterError(f"Invalid value in parameter overallStatus: '{shown(value)}'", parameter=name)
    return (f"AREA[OverallStatus]({' OR '.join(wanted)})",)


def _synonyms(params: Params, name: str) -> Iterable[str]:
    """Identifiers of the original service's synonyms mean nothing here, so a filter by one finds nothing."""
    wanted = listed(params, name)
    if not wanted:
        return ()
    for value in wanted:
        found = _SYNONYM.fullmatch(value)
        if found is None or found[1] not in areas():
            raise ParameterError(f"Parameter `{name}` has incorrect format: '{shown(value)}'", parameter=name)
    return (NOTHING,)


def _ids(params: Params) -> tuple[str, ...] | None:
    keys: tuple[str, ...] | None = None
    for group in GROUPS:
        wanted = listed(params, f"{group}.ids")
        if not wanted:
            continue
        own = [_number(value, f"{group}.ids") for value in wanted]
        keys = tuple(own) if keys is None else tuple(key for key in keys if key in set(own))
    return keys


def _number(value: str, name: str) -> str:
    found = canonical_nct(value.strip())
    if found is None:
        raise ParameterError(f"Parameter `{name}` has incorrect format for value '{shown(value)}'", parameter=name)
    return found


def _within(circle: Circle) -> Node:
    return _own(f"AREA[LocationGeoPoint]DISTANCE[{circle.lat:f}, {circle.lon:f}, {circle.radius_km:f}km]")
