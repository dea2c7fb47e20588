"""How names are compared: words in lower-case plain letters, one spelling, no plural. Knows no name.

``words_of`` cuts a text as the index does (runs of letters and digits); ``key_of`` is what two spellings of one name
share. Never touches the disk.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose into a plain letter and an accent, and the Greek ones of names of substances.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"}
    | {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "ω": "omega"}
)
_WORD = re.compile(r"[^\W_]+")

# British to American, wherever in a word; each pair is a sound of medical English, not a single word.
_BRITISH = (
    ("aemi", "emi"),
    ("haem", "hem"),
    ("oedema", "edema"),
    ("oesoph", "esoph"),
    ("oestr", "estr"),
    ("paedi", "pedi"),
    ("gynaec", "gynec"),
    ("caec", "cec"),
    ("coeliac", "celiac"),
    ("anaesth", "anesth"),
    ("orthopaed", "orthoped"),
    ("leucocyt", "leukocyt"),
    ("leukaem", "leukem"),
    ("diarrhoea", "diarrhea"),
    ("foet", "fet"),
    ("tumour", "tumor"),
    ("behaviour", "behavior"),
    ("fibre", "fiber"),
    ("sulph", "sulf"),
    ("ischaem", "ischem"),
    ("faec", "fec"),
    ("aetiolog", "etiolog"),
)
_MAYBE_BRITISH = re.compile("|".join(british for british, _ in _BRITISH))
_PLURAL = re.compile(r"(?<=[a-z]{3})(?<!s)(?<!u)(?<!i)s$")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text: runs of letters and digits, lower case, without accents.

    >>> words_of("Sjögren's syndrome, STI-571")
    ('sjogren', 's', 'syndrome', 'sti', '571')
    """
    return tuple(_WORD.findall(folded(text)))


def word_spans(text: str) -> tuple[tuple[str, int, int], ...]:
    """The words of a text with where each begins and ends in the text as written."""
    return tuple((folded(found.group()), found.start(), found.end()) for found in _WORD.finditer(text))


def folded(text: str) -> str:
    """The text in lower-case plain letters; what stands between words stays."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered.translate(_PLAIN))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=65_536)
def key_of_word(word: str) -> str:
    """What the spellings of one word share: American, singular.

    >>> key_of_word("leukaemias"), key_of_word("diabetes"), key_of_word("sepsis")
    ('leukemia', 'diabete', 'sepsis')
    """
    if _MAYBE_BRITISH.search(word):
        for british, american in _BRITISH:
            word = word.replace(british, american)
    return _PLURAL.sub("", word)


def key_of(words: tuple[str, ...]) -> str:
    """What the spellings of one name share, words apart by one space; a possessive ``s`` is left out.

    >>> key_of(words_of("Parkinson's disease")) == key_of(words_of("Parkinson Disease"))
    True
    """
    return " ".join(key_of_word(word) for word in words if word != "s")
