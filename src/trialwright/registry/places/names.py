"""How a place's name is compared: without case, accents or punctuation. Knows no place."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not decompose into a plain letter and an accent.
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
_SEPARATORS = re.compile(r"[^\w]+|_")


def folded(name: str) -> str:
    """The name in lower-case plain letters, words apart by one space.

    >>> folded("Sankt  Pölten-Nord")
    'sankt polten nord'
    """
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _SEPARATORS.sub(" ", letters.replace("'", "").replace("’", "")).strip()
