"""Our own addresses, never in the original service's shapes: suggestions, plain questions, expressions, history."""

from __future__ import annotations

import json

from trialwright.registry.catalogue import differences
from trialwright.registry.language import format_expression
from trialwright.registry.requests import ParameterError, one_of, read_expression, refuse_unknown, shown, single, whole_number
from trialwright.registry.vocabularies import understand
from trialwright.web.api.answers import Call, Missing, Reply, as_json

KINDS = ("condition", "intervention", "sponsor")
MOST_SUGGESTIONS = 50
LONGEST_QUESTION = 1_000


def suggestions(call: Call) -> Reply:
    """Conditions, interventions or sponsors that begin as typed (``/api/suggest?q=…&kind=…&limit=…``), most frequent first."""
    refuse_unknown(call.params, ("q", "kind", "limit"))
    kind = one_of(call.params, "kind", KINDS)
    limit = min(whole_number(call.params, "limit") or 10, MOST_SUGGESTIONS)
    typed = _question(call).strip()
    found = call.edition.index.suggest_terms(typed, kind, limit) if typed else ()
    return as_json([{"text": one.value, "studies": one.count} for one in found])


def understood(call: Call) -> Reply:
    """What a plain question is taken to mean (``/api/understand?q=…``): words to search for, and what stands beside them."""
    refuse_unknown(call.params, ("q",))
    question = _question(call)
    if not question.strip():
        raise ParameterError("Parameter `q` is missing", parameter="q")
    found = understand(question)
    place = found.place
    return as_json(
        {
            "question": question,
            "words": found.words,
            "taken": [
                {"kind": one.kind, "text": one.text, "start": one.start, "end": one.end, "value": one.value}
                for one in found.taken
            ],
            "place": {"name": place.name, "country": place.country, "lat": place.lat, "lon": place.lon} if place else None,
            "radiusKm": found.radius_km,
            "countries": [country.name for country in found.countries],
            "statuses": found.statuses,
            "phases": found.phases,
            "ageYears": found.age_years,
            "ageGroups": found.age_groups,
            "sex": found.sex,
            "healthy": found.healthy,
            "numbers": found.numbers,
        }
    )


def _question(call: Call) -> str:
    text = single(call.params, "q") or ""
    if len(text) > LONGEST_QUESTION:
        raise ParameterError(f"Parameter `q` is longer than {LONGEST_QUESTION:,} characters", parameter="q")
    return text


def expression(call: Call) -> Reply:
    """How a search expression is read (``/api/expression?text=…``): normal form, or what is wrong and where."""
    refuse_unknown(call.params, ("text",))
    text = single(call.params, "text")
    if text is None:
        raise ParameterError("Parameter `text` is missing", parameter="text")
    try:
        node = read_expression(text, "text", "text")
    except ParameterError as error:
        wrong = {"message": error.text.partition(": ")[2], "position": error.position, "suggestion": error.suggestion or None}
        return as_json({"valid": False, "error": wrong})
    return as_json({"valid": True, "normal": format_expression(node)})


def history(call: Call, number: str) -> Reply:
    """The versions of a record that were seen, newest first, and what changed (``/api/studies/<id>/history``)."""
    refuse_unknown(call.params, ())
    versions = call.edition.history(number)
    if not versions:
        raise Missing(f"Study {shown(number)} not found")
    texts = [json.loads(call.edition.raw(one.address)) for one in versions]
    earlier = [*texts[1:], None]
    return as_json(
        [
            {
                "seenAt": one.seen_at.isoformat(),
                "lastUpdatePosted": one.last_update_posted,
                "source": one.source,
                "changes": [str(change) for change in differences(before, text)] if before is not None else [],
            }
            for one, text, before in zip(versions, texts, earlier, strict=True)
        ]
    )
