"""A patient's note as a query: what it names weighs most, then its words; who could take part stands before who could not.

The note as read (``vocabularies.notes``) says what it names; here are the fields and weights. The weights are round
numbers from a plateau on one half of two public topic sets (docs/explanation/relevance.md has both halves). Nothing is
left out for age or sex: a reading of free text may be wrong, and ``Request.profile`` is there to leave out.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from tantivy import Occur, Query

from trialwright.registry.index.analysis import stems
from trialwright.registry.index.request import Expanded, Profile
from trialwright.registry.index.words import Frequency, WordsQuery, phrase
from trialwright.registry.vocabularies import Mention, Note

CRITERIA, SUMMARY = "piece.EligibilityCriteria", "piece.BriefSummary"
WORD_WEIGHTS = (("body", 1.0), ("cond", 0.5), (CRITERIA, 0.5), (SUMMARY, 0.5))
NAME_WEIGHTS = (("body", 3.0), ("cond", 1.0), (CRITERIA, 1.0))
VARIANT_WEIGHT = 0.7
DRUG_WEIGHT = 0.5
"""A drug in a note is mostly history; the condition is what a study is sought for."""
COULD_TAKE_PART = 20.0
"""Added for each bound (youngest, oldest, sex) that the person meets; about what one or two named conditions bring."""
MOST_WORDS, MOST_MENTIONS, MOST_VARIANTS = 200, 24, 6


def note_query(note: Note, frequency: Frequency, bounds: list[Query], *, synonyms: bool = True) -> WordsQuery:
    """The query of a note: any of its words and names, the more the better.

    Args:
        note: As read.
        frequency: In how many studies a stem stands in a field.
        bounds: The queries of ``profile_of(note)``, which raise a study's rank.
        synonyms: Whether other names are searched too.
    """
    parts: list[tuple[Occur, Query]] = []
    found: set[str] = set()
    for word, weight in note.words[:MOST_WORDS]:
        for stem in stems(word)[:1]:
            found.add(stem)
            parts += [_should(phrase((stem,), ((path, 1.0),)), path_weight * sqrt(weight)) for path, path_weight in WORD_WEIGHTS]
    expanded = []
    for mention in note.mentions[:MOST_MENTIONS]:
        names = dict(_names(mention, frequency, synonyms=synonyms))
        kind_weight = DRUG_WEIGHT if mention.expansion.kind == "intervention" else 1.0
        for path, path_weight in NAME_WEIGHTS:
            each = [Query.boost_query(phrase(name, ((path, 1.0),)), weight) for name, weight in names.items()]
            parts.append(_should(Query.disjunction_max_query(each, 0.0), path_weight * kind_weight * sqrt(mention.weight)))
        found.update(stem for name in names for stem in name)
        if len(names) > 1:
            variants = tuple(variant for variant in mention.expansion.variants if stems(variant) in names)
            expanded.append(Expanded(" ".join(mention.words), mention.expansion.preferred, variants))
    if not parts:
        return WordsQuery(Query.empty_query())
    said = Query.boolean_query(parts)
    raised = [_should(Query.const_score_query(bound, 1.0), COULD_TAKE_PART) for bound in bounds]
    return WordsQuery(Query.boolean_query([(Occur.Must, said), *raised]), tuple(expanded), frozenset(found))


def profile_of(note: Note) -> Profile:
    """The person of a note."""
    return Profile(note.age_years, note.sex)


def _names(mention: Mention, frequency: Frequency, *, synonyms: bool) -> Iterator[tuple[tuple[str, ...], float]]:
    """The stems of each name that stands in some record, with its weight; the note's own words first."""
    own = stems(" ".join(mention.words))
    yield own, 1.0
    kept = 0
    for variant in mention.expansion.variants if synonyms else ():
        name = stems(variant)
        if name and name != own and kept < MOST_VARIANTS and all(frequency("body", stem) for stem in name):
            kept += 1
            yield name, VARIANT_WEIGHT


def _should(query: Query, weight: float) -> tuple[Occur, Query]:
    return Occur.Should, query if weight == 1.0 else Query.boost_query(query, weight)
