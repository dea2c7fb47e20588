"""What the sources have wrong or lack, each with its reason. Read by ``rebuild`` only."""

from __future__ import annotations

DISTRUSTED = {
    "DOID:999": "its synonyms and its MeSH reference are those of eosinophilia, a sign; hypereosinophilic syndrome is a disease",
    "DOID:1036": "gives CLL and CML as abbreviations of chronic leukemia",
}
"""Terms of the Disease Ontology whose synonyms and references are not read."""

ADDED: dict[str, dict[str, tuple[str, ...]]] = {
    "condition": {},
    "intervention": {
        # The code names of imatinib in its first publications (Druker et al., Nat Med 1996;2:561-566).
        "Imatinib": ("STI571", "CGP57148", "CGP57148B"),
    },
}
"""Names that no source has, by kind and preferred name."""

NOT_NAMES: dict[str, frozenset[str]] = {
    "condition": frozenset({"disease", "syndrome", "disorder", "abnormality", "finding", "symptom", "sign", "death"}),
    "intervention": frozenset(),
}
"""Names that mean too much to mean anything."""
