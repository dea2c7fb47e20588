"""What the sources have wrong or lack, each with its reason. Read by ``rebuild`` only."""

from __future__ import annotations

DISTRUSTED = {
    "DOID:999": "its synonyms and its MeSH reference are those of eosinophilia, a sign; hypereosinophilic syndrome is a disease",
    "DOID:1036": "gives CLL and CML as abbreviations of chronic leukemia",
}
"""Terms of the Disease Ontology whose synonyms and references are not read."""

ADDED: dict[str, dict[str, tuple[str, ...]]] = {
    "condition": {
        # What people call them.
        "influenza": ("flu",),
        "amyotrophic lateral sclerosis": ("Lou Gehrig disease", "Lou Gehrig's disease"),
    },
    "intervention": {
        # The code names of imatinib in its first publications (Druker et al., Nat Med 1996;2:561-566).
        "Imatinib": ("STI571", "CGP57148", "CGP57148B"),
    },
}
"""Names that no source has, by kind and preferred name."""

_FUNCTION_WORDS = """
a about all an and any are arm arms as at be but by can cat does for from had has he her hot if in is it may me more most no not
of old on one or our out per ran red she so some such than that the then they this to two up us was we well who will with you
"""
_ALL_AND_NOTHING = """
disease syndrome disorder abnormality finding symptom sign death problem complication condition patient injury lesion mass
infection pain cold case control stage grade history normal positive negative
"""
_NO_DRUGS = "drug placebo water air agent compound solution plasma serum"

NOT_NAMES: dict[str, frozenset[str]] = {
    "condition": frozenset([*_FUNCTION_WORDS.split(), *_ALL_AND_NOTHING.split()]),
    "intervention": frozenset([*_FUNCTION_WORDS.split(), *_NO_DRUGS.split()]),
}
"""Names that mean too much to mean anything, and English words that some source has as an abbreviation."""
