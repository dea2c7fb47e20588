"""Renders a registry record as a page: a fragment for a layout of someone else's, or a whole document of its own.

Every text of the record is escaped and none becomes markup. Reads no record and decides nothing.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from trialwright.registry.record import Record
from trialwright.registry.record_parts import nodes_at, text_at
from trialwright.report.study_page import phrases, view, words
from trialwright.report.study_page.eligibility import parted_criteria
from trialwright.report.study_page.extras import PageExtras
from trialwright.report.study_page.glance import at_a_glance
from trialwright.report.study_page.notes import result_facts
from trialwright.report.study_page.prose import parse_prose, unescaped
from trialwright.report.study_page.results import posted_results
from trialwright.report.study_page.sites import sites_of

REGISTRY_PAGE = "https://clinicaltrials.gov/study/"
PUBMED_PAGE = "https://pubmed.ncbi.nlm.nih.gov/"


def render_study_page(record: Record, extras: PageExtras) -> str:
    """The study's page as one HTML document with its style inside, that asks for nothing from outside.

    Works for any record: a module that is missing is left out, or said to be missing where a reader would look for it.
    """
    with words.spoken(extras.language):
        return (
            _environment()
            .get_template("page.html.j2")
            .render(
                t=words.WORDS,
                title=title_of(record),
                body=Markup(study_page_body(record, extras)),  # noqa: S704 - the fragment is our own, escaped
                css=Markup(study_page_css()),  # noqa: S704 - our own file
                extras=extras,
            )
        )


def study_page_body(record: Record, extras: PageExtras) -> str:
    """The study's page as a fragment: a header with the one ``h1`` and its sections, for a ``main`` element.

    Styled by ``study_page_css``; every class begins with ``tw-``.
    """
    with words.spoken(extras.language):
        return (
            _environment()
            .get_template("body.html.j2")
            .render(
                t=words.WORDS,
                record=record,
                extras=extras,
                title=title_of(record),
                notice=phrases.notice(record),
                phrases=phrases,
                key_facts=view.key_facts(record),
                eligibility_facts=view.eligibility_facts(record),
                design_facts=view.design_facts(record),
                date_facts=view.date_facts(record),
                people_facts=view.people_facts(record),
                sharing_facts=view.sharing_facts(record),
                term_facts=view.term_facts(record),
                see_also=view.link_facts(record),
                criteria=parted_criteria(record.eligibility_text or ""),
                sites=sites_of(record, extras.nearby),
                results=posted_results(record),
                result_facts=result_facts(record),
                glance=at_a_glance(record) if extras.glance else (),
                retracted=_retracted(record),
                registry_href=REGISTRY_PAGE + record.nct_id if record.nct_id else "",
            )
        )


def study_sites(record: Record, extras: PageExtras, country: str) -> str:
    """The list of a study's sites in one country (all where it is empty), as a fragment like ``study_page_body``."""
    with words.spoken(extras.language):
        sites = sites_of(record, extras.nearby)
        shown = [one for one in sites.countries if country in ("", one.name)]
        template = _environment().get_template("sites.html.j2")
        return template.render(t=words.WORDS, extras=extras, countries=shown, any_contact=sites.any_contact)


def _retracted(record: Record) -> frozenset[str | None]:
    nodes = nodes_at(record.module("referencesModule"), "references")
    return frozenset(text_at(node, "pmid") for node in nodes if nodes_at(node, "retractions"))


@cache
def study_page_css() -> str:
    """The page's style sheet, which a portal may also serve by itself."""
    return (files("trialwright.report.study_page") / "study_page.css").read_text("utf-8")


def title_of(record: Record) -> str:
    """The brief title with the acronym, where the title does not hold it already."""
    title = record.brief_title or record.official_title or record.nct_id or words.WORDS["not_stated"]
    acronym = record.acronym
    return f"{title} ({acronym})" if acronym and acronym.lower() not in title.lower() else title


def _pubmed_href(pmid: str | None) -> str:
    return f"{PUBMED_PAGE}{pmid}/" if pmid and pmid.isascii() and pmid.isdigit() else ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("trialwright.report.study_page"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "prose": parse_prose,
        "plain": unescaped,
        "day": phrases.day,
        "term": lambda term, kind: words.label(kind, term),
        "pubmed": _pubmed_href,
        "number": words.number,
        "km": lambda distance_km: words.number(round(distance_km)),
        "named": lambda one: view.named(one.kind, one.name),
    }
    environment.globals["sentence"] = lambda key, **gaps: words.SENTENCES[key].format(**gaps)
    return environment
