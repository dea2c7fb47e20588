"""The words that a question uses for statuses, ages, sexes and phases, in English and Italian. Patterns only."""

from __future__ import annotations

import re

_FLAGS = re.IGNORECASE
_STUDIES = r"(?:clinical\s+)?(?:trials?|stud(?:y|ies))|stud[io](?:\s+clinic[oi])?|sperimentazion[ei]"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, _FLAGS)


NUMBERS = _pattern(r"\bNCT\d{8}\b|\b\d{4}-\d{6}-\d{2}(?:-\d{2})?\b")
"""NCT numbers; EudraCT numbers (2007-001234-12) and EU trial numbers (2023-504794-21-00)."""

STATUSES: tuple[tuple[re.Pattern[str], str], ...] = (
    (_pattern(r"\bnot[\s-]+yet[\s-]+recruiting\b|\bnon\s+ancora\s+(?:in\s+reclutamento|apert[oi])\b"), "NOT_YET_RECRUITING"),
    (_pattern(r"\bactive,?[\s-]+not[\s-]+recruiting\b|\battiv[oi],?\s+non\s+in\s+reclutamento\b"), "ACTIVE_NOT_RECRUITING"),
    (_pattern(r"\b(?:enrolling\s+)?by\s+invitation\b|\bsu\s+invito\b"), "ENROLLING_BY_INVITATION"),
    (
        _pattern(
            r"\b(?:(?:that|which)\s+are\s+|now\s+|currently\s+)?recruiting\b(?:\s+(?:now|patients|participants))?"
            r"|\b(?:that|which)\s+recruit\b|\b(?:open|enrolling)(?=\s+(?:" + _STUDIES + r")\b)"
            r"|\bin\s+reclutamento\b|\bche\s+reclutano\b|\bapert[oi](?=\s+(?:a|per)\b|\s*$)"
        ),
        "RECRUITING",
    ),
    (_pattern(rf"\bcompleted(?=\s+(?:{_STUDIES})\b)|\b(?:completat|conclus)[io]\b"), "COMPLETED"),
    (_pattern(rf"\bterminated(?=\s+(?:{_STUDIES})\b)|\binterrott[io]\b"), "TERMINATED"),
    (_pattern(rf"\bwithdrawn(?=\s+(?:{_STUDIES})\b)|\britirat[io]\b"), "WITHDRAWN"),
    (_pattern(rf"\bsuspended(?=\s+(?:{_STUDIES})\b)|\bsospes[io]\b"), "SUSPENDED"),
)

_FOR = r"(?:\b(?:for|per|nei|negli|nelle|dei|degli|delle|su|in|among)\s+)?"
AGE_GROUPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_pattern(_FOR + r"\b(?:children|kids|infants|bambin[ie]|ragazz[ie]|minori)\b(?!['’])"), "CHILD"),
    (_pattern(_FOR + r"\b(?:older\s+adults|the\s+elderly|elderly|seniors|anzian[ie])\b(?!['’])"), "OLDER_ADULT"),
    (_pattern(_FOR + r"(?<!young\s)\b(?:adults|adulti)\b(?!['’])"), "ADULT"),
)
SEXES: tuple[tuple[re.Pattern[str], str], ...] = (
    (_pattern(_FOR + r"\b(?:women|females?|woman|girls?|donn[ae]|femmin[ae])\b(?!['’])"), "FEMALE"),
    (_pattern(_FOR + r"\b(?<!sex with )(?:men|males?|man|boys?|uomini|uomo|masch[io])\b(?!['’]|\s+who\s+have\s+sex)"), "MALE"),
)
_YEARS = r"(?:years?|yrs?|y)[\s-]*(?:old|of\s+age|o)?"
AGE = _pattern(
    r"(?:\b(?:for|per)\s+(?:an?\s+|un[ao']?\s*)?)?(?:"
    rf"\b(?:aged?|who\s+(?:is|am)|i\s+am|i['’]m)\s+(\d{{1,3}})\b(?:[\s-]*{_YEARS}\b)?"
    rf"|\b(\d{{1,3}})[\s-]*(?:years?|yrs?|y)[\s-]*(?:old|of\s+age)\b|\b(\d{{1,3}})\s*(?:y/o|yo)\b"
    r"|\b(?:di\s+|(?:che\s+)?ha\s+|ho\s+)?(\d{1,3})\s*anni\b|\b(\d{1,3})enne\b)"
)
HEALTHY = _pattern(_FOR + r"\b(?:healthy\s+(?:volunteers?|participants?|people|subjects?)|volontar[io]\s+san[io])\b")

_PHASE = r"(?:[1-4]|I{1,3}|IV)(?:[ab])?"
PHASE = _pattern(rf"\bearly\s+phase\s+(?:1|I)\b|\b(?:in\s+|di\s+)?(?:phase|fase)\s*({_PHASE})(?:\s*[/-]\s*({_PHASE}))?\b")
_ARABIC = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}

FILLERS = _pattern(
    rf"\b(?:{_STUDIES})\b(?!['’])|^\s*(?:find|show|search|looking\s+for|list|cerca|cerco|trova|mostra)(?:\s+me)?\b"
    r"|^\s*(?:are\s+there|is\s+there|ci\s+sono|quali|which|what|any)\b|\bplease\b|\?+\s*$|\b(?:near|around)\s+me\b|\bnearby\s*$|\bvicino\s+a\s+me\b"
)
_EDGE_TEXT = """
for in with and near of the a an to on at from or any by is are there who that which within around
per con di a da in e il la i gli le un una su del della dei delle degli al alla ai alle che nel nella nei
"""
EDGE_WORDS = frozenset(_EDGE_TEXT.split())


def phases_of(found: re.Match[str]) -> str:
    """The registry's values of a phase as it is written, apart by a space: of "phase 1/2" those of both phases."""
    if found[1] is None:
        return "EARLY_PHASE1"
    numbers = (one.lower().rstrip("ab") for one in found.groups() if one)
    return " ".join(f"PHASE{_ARABIC.get(one, one)}" for one in numbers)
