"""``trialwright registry search``: the catalogue searched from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialwright.cli.doors import home_option
from trialwright.cli.output import as_json, plural
from trialwright.cli.registering import edition_or_exit

if TYPE_CHECKING:
    from trialwright.registry.catalogue import Edition
    from trialwright.registry.index import Found, Hit, Near, Request
    from trialwright.registry.language import Node
    from trialwright.registry.questions import Question
    from trialwright.registry.record import Record

_AREAS = {"cond": "ConditionSearch", "intr": "InterventionSearch"}
_RADIUS = click.FloatRange(0.1, 20_100)
_MOST_SHOWN = 1_000
_VALUES_SHOWN = 8


@click.command()
@click.argument("words", nargs=-1)
@click.option("--cond", help="Condition or disease.")
@click.option("--intr", help="Intervention or treatment.")
@click.option("--filter", "filters", multiple=True, help="An expression that only chooses, such as AREA[Phase]PHASE2.")
@click.option("--status", "statuses", multiple=True, help="Overall status, such as recruiting.")
@click.option("--near", metavar="PLACE", help="A town (“Bergamo”, “Paris, Texas”), or latitude,longitude in degrees.")
@click.option("--radius", "radius_km", type=_RADIUS, default=50.0, show_default=True, help="In km.")
@click.option("--age", "age_years", type=click.FloatRange(0, 150), help="Age in years of the person who would take part.")
@click.option("--sex", type=click.Choice(["female", "male"]), help="Sex of the person who would take part.")
@click.option("--healthy", is_flag=True, help="Only studies that accept healthy volunteers.")
@click.option(
    "--sort", metavar="PIECE[:desc]", multiple=True, help="A date or number piece, @relevance or @distance; at most two."
)
@click.option("--facet", "facets", multiple=True, help="Count by status, phase, type, sex, ages, funder, results, country …")
@click.option(
    "--as-written", is_flag=True, help="Search the words as they stand: no place or status read out of them, no other names."
)
@click.option("--limit", type=click.IntRange(0, _MOST_SHOWN), default=10, show_default=True)
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_text", is_flag=True, help="Print as JSON.")
@home_option
def search(home: Path, as_text: bool, **given: Any) -> None:
    """Search the records for WORDS: a plain question, a number, or an expression of the registry's search language.

    Such as: imatinib near Bergamo · 2004-002280-24 · "heart failure" AND NOT child · AREA[LeadSponsorName]Bergamo.
    """
    from trialwright.registry.index import RequestError

    edition = edition_or_exit(home)
    question = _question(" ".join(given["words"]), given["as_written"])
    request = _request(question, given)
    try:
        found = edition.index.find(request)
    except RequestError as error:
        raise click.UsageError(f"{error}.") from error
    records = {hit.key: edition.at(hit.address) for hit in found.hits}
    if as_text:
        click.echo(as_json(_plain(question, found, records)))
    else:
        _print_head(edition, question, found)
        _print_hits(found, records, given["offset"])


def _question(text: str, as_written: bool) -> Question:
    """What was typed; stretches of it that were taken as more than words only where that is wanted."""
    from trialwright.registry.questions import Question, read_question
    from trialwright.registry.requests import ParameterError

    if not text:
        return Question()
    if as_written:
        return Question(queries=(("BasicSearch", _parsed(text)),), words=text)
    try:
        return read_question(text, "the words")
    except ParameterError:
        return Question(queries=(("BasicSearch", _parsed(text)),), words=text)


def _request(question: Question, given: dict[str, Any]) -> Request:
    from trialwright.registry.index import Profile, Request

    asked = {"cond": given["cond"], "intr": given["intr"]}
    statuses = " OR ".join(f"AREA[OverallStatus]({status})" for status in given["statuses"])
    sex = given["sex"].upper() if given["sex"] else question.sex
    age_years = given["age_years"] if given["age_years"] is not None else question.age_years
    profile = Profile(age_years, sex, given["healthy"] or question.healthy or None)
    return Request(
        queries=(*question.queries, *((_AREAS[name], _parsed(text)) for name, text in asked.items() if text)),
        filters=(*question.filters, *(_parsed(text) for text in (*given["filters"], statuses) if text)),
        keys=question.keys,
        near=_near(given["near"], question, given["radius_km"]),
        profile=profile if profile != Profile() else None,
        synonyms=not given["as_written"],
        sort=tuple(_sort_key(text) for text in given["sort"]),
        facets=tuple(given["facets"]),
        offset=given["offset"],
        limit=given["limit"],
    )


def _parsed(text: str) -> Node:
    from trialwright.registry.language import ExpressionError, check_names, parse_expression

    try:
        node = parse_expression(text)
        check_names(node)
    except ExpressionError as error:
        meant = f"\n{error.suggestion}" if error.suggestion else ""
        raise click.UsageError(f"{error.message}\n{error.pointed(text)}{meant}") from error
    return node


def _near(text: str | None, question: Question, radius_km: float) -> Near | None:
    from trialwright.registry.index import Near
    from trialwright.registry.places import find_anywhere

    if not text:
        place = question.place
        return Near(place.lat, place.lon, question.radius_km or radius_km) if place else None
    lat, comma, lon = text.partition(",")
    try:
        if comma:
            return Near(float(lat), float(lon), radius_km)
    except ValueError:
        pass
    places = find_anywhere(text)
    if not places:
        raise click.UsageError(f"No town named “{text}” is known. Name its country too, or give latitude,longitude.")
    return Near(places[0].lat, places[0].lon, radius_km)


def _sort_key(text: str) -> tuple[str, bool]:
    name, _, direction = text.partition(":")
    if direction not in ("", "asc", "desc"):
        raise click.UsageError(f"“{direction}” is neither asc nor desc.")
    return name, direction == "desc" or (not direction and name == "@relevance")


def _plain(question: Question, found: Found, records: dict[str, Record]) -> dict[str, Any]:
    return {
        "total": found.total,
        "taken": [{"text": one.text, "as": one.kind, "meaning": one.meaning} for one in question.readings],
        "expanded": {one.words: list(one.variants) for one in found.expanded},
        "hits": [
            {"key": hit.key, "title": records[hit.key].brief_title, "score": hit.score, "nearest": _site(hit)}
            for hit in found.hits
        ],
        "facets": {name: {bucket.value: bucket.count for bucket in buckets} for name, buckets in found.facets.items()},
    }


def _site(hit: Hit) -> dict[str, Any] | None:
    site = hit.nearest
    return {"city": site.city, "country": site.country, "distance_km": round(site.distance_km, 1)} if site else None


def _print_head(edition: Edition, question: Question, found: Found) -> None:
    click.echo(f"{plural(found.total or 0, 'study', 'studies')} of {edition.count:,}")
    for taken in question.readings:
        click.echo(f"  “{taken.text}” was taken as {taken.kind.replace('_', ' ')}: {taken.meaning}")
    for one in found.expanded:
        click.echo(f"  {one.words} was also searched as: {', '.join(one.variants)}")


def _print_hits(found: Found, records: dict[str, Record], offset: int) -> None:
    from trialwright.registry.structure import enum_type

    for number, hit in enumerate(found.hits, offset + 1):
        record, site = records[hit.key], hit.nearest
        where = f"nearest site {site.city}, {site.distance_km:.0f} km" if site else ""
        status, phases = enum_type("Status"), enum_type("Phase")
        facts = [status.label_of(record.status or ""), *(phases.label_of(one) for one in record.phases), where]
        click.echo(f"{number:>4}. {click.style(hit.key, bold=True)}  {record.brief_title or ''}")
        click.echo(f"{'':>18}{' · '.join(fact for fact in facts if fact)}")
    for name, buckets in found.facets.items():
        counts = " · ".join(f"{bucket.value} {bucket.count:,}" for bucket in buckets[:_VALUES_SHOWN])
        click.echo(f"{name}: {counts}")
