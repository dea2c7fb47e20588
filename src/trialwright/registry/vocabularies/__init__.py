"""Other names of conditions and drugs, suggestions while typing, and plain questions; all from bundled data."""

from trialwright.registry.vocabularies.thesaurus import Concept, Expansion, expand, named, thesaurus
from trialwright.registry.vocabularies.words import key_of, words_of

__all__ = ["Concept", "Expansion", "expand", "key_of", "named", "thesaurus", "words_of"]
