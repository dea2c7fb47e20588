"""Other names of conditions and drugs, suggestions while typing, plain questions and notes; all from bundled data."""

from trialwright.registry.vocabularies.notes import Mention, Note, read_note
from trialwright.registry.vocabularies.suggesting import Suggestion, did_you_mean, suggest
from trialwright.registry.vocabularies.thesaurus import Concept, Expansion, expand, named
from trialwright.registry.vocabularies.understanding import Taken, Understood, understand
from trialwright.registry.vocabularies.whereabouts import Country, country_named
from trialwright.registry.vocabularies.words import key_of, words_of

__all__ = [
    "Concept",
    "Country",
    "Expansion",
    "Mention",
    "Note",
    "Suggestion",
    "Taken",
    "Understood",
    "country_named",
    "did_you_mean",
    "expand",
    "key_of",
    "named",
    "read_note",
    "suggest",
    "understand",
    "words_of",
]
