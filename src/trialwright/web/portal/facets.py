"""The filters beside the results: which there are, what each choice means in an address, and how many studies it keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trialwright.registry.index import Bucket
from trialwright.registry.requests import OPTIONS
from trialwright.report.study_page import label, number
from trialwright.web.portal.addresses import Parameters

MOST_SHOWN = 8
MOST_COUNTED = 48  # further choices, such as the five-hundredth country, are left to the search


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: its words, how many studies it keeps, whether it is chosen, and how a form sends it."""

    words: str
    count: str
    chosen: bool
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A group of choices; those after the first few stand in a part that opens."""

    title: str
    id: str
    options: tuple[Option, ...]
    more: tuple[Option, ...]
    any_chosen: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """A facet before it is counted.

    Args:
        title: Its heading.
        counted: The facet's name in the index.
        name: The parameter that holds a choice; with ``aggFilters`` its values begin with ``id`` and a colon.
        id: Its own name.
        codes: The value in the index of each choice of ``aggFilters``; empty where the value itself is the choice.
        words: The words of a value.
    """

    title: Promise
    counted: str
    name: str
    id: str
    codes: Mapping[str, str]
    words: Callable[[str], str]

    def value(self, bucket: str) -> str:
        """How a value of the index stands in an address; empty where it has no place there."""
        if self.name != "aggFilters":
            return bucket
        code = next((code for code, value in self.codes.items() if value == bucket), "")
        return f"{self.id}:{code}" if code else ""

    def chosen(self, parameters: Parameters) -> frozenset[str]:
        """What is chosen, as it stands in an address."""
        values = parameters.all(self.name)
        if self.name != "aggFilters":
            return frozenset(values)
        return frozenset(f"{self.id}:{code}" for one in values for code in _codes(one, self.id))

    def cleared(self, parameters: Parameters) -> Parameters:
        """The address with no choice of this facet."""
        if self.name != "aggFilters":
            return parameters.without(self.name)
        kept = parameters.without("aggFilters")
        for value in parameters.all("aggFilters"):
            for one in value.replace("|", ",").split(","):
                if one.partition(":")[0].strip() != self.id and one.strip():
                    kept = kept.plus("aggFilters", one.strip())
        return kept


def _codes(value: str, facet: str) -> Sequence[str]:
    parts = (one.partition(":") for one in value.replace("|", ",").split(","))
    return [code for name, _, codes in parts if name.strip() == facet for code in codes.split()]


def _labelled(kind: str) -> Callable[[str], str]:
    return lambda value: label(kind, value)


def _as_it_is(value: str) -> str:
    return value


FACETS: tuple[Kind, ...] = (
    Kind(_("Status"), "status", "aggFilters", "status", OPTIONS["status"], _labelled("status")),
    Kind(_("Phase"), "phase", "aggFilters", "phase", OPTIONS["phase"], _labelled("phase")),
    Kind(_("Study type"), "type", "aggFilters", "studyType", OPTIONS["studyType"], _labelled("")),
    Kind(_("Age group"), "ages", "aggFilters", "ages", OPTIONS["ages"], _labelled("std_age")),
    Kind(_("Sex"), "sex", "aggFilters", "sex", OPTIONS["sex"], _labelled("")),
    Kind(_("Country"), "country", "country", "country", {}, _as_it_is),
    Kind(_("Condition"), "condition", "condition", "condition", {}, _as_it_is),
    Kind(_("Funder"), "funder", "funder", "funder", {}, _labelled("funder")),
    Kind(_("Results"), "results", "aggFilters", "results", {"with": "true", "without": "false"}, _labelled("yes_no")),
)


def facet_of(kind: Kind, buckets: Sequence[Bucket], parameters: Parameters) -> Facet:
    """A facet with its counts; what is chosen stays, even where nothing has it."""
    chosen = kind.chosen(parameters)
    options = [
        Option(kind.words(one.value), number(one.count), value in chosen, kind.name, value)
        for at, one in enumerate(buckets)
        if (at < MOST_COUNTED or one.value in chosen) and (value := kind.value(one.value)) and one.value
    ]
    counted = {option.value for option in options}
    for value in sorted(chosen - counted):
        code = value.partition(":")[2] if kind.name == "aggFilters" else value
        options.append(Option(kind.words(kind.codes.get(code, code)), "0", True, kind.name, value))
    options.sort(key=lambda one: not one.chosen)
    shown = max(MOST_SHOWN, len(chosen))
    return Facet(str(kind.title), kind.id, tuple(options[:shown]), tuple(options[shown:]), bool(chosen))
