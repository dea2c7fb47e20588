"""Other names of conditions and drugs, suggestions while typing, plain questions and notes; all from bundled data."""

from trialwright.registry.vocabularies.notes import Mention, Note, read_note
from trialwright.registry.vocabularies.thesaurus import Concept, Expansion, expand, named, thesaurus
from trialwright.registry.vocabularies.words import key_of, words_of

__all__ = ["Concept", "Expansion", "Mention", "Note", "expand", "key_of", "named", "read_note", "thesaurus", "words_of"]
