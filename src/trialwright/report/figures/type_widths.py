"""How wide words are in a face with Helvetica's widths, in thousandths of the type size, so figures can be laid out.

Measured from Arimo Regular (see fonts/SOURCES.md); bold is taken as 6 % wider.
"""

from __future__ import annotations

_WIDTHS = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r·²³⁹",
    334: "{}",
    350: "•",
    355: '"',
    389: "*",
    400: "°",
    469: "^",
    500: "Jcksvxyz",
    549: "÷±≤≥",
    556: "#$0123456789?L_abdeghnopqu–",
    576: "µ",
    584: "+<=>~×−",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "—…→",
    1015: "@",
}
_OF = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_OTHER = 556  # a letter not listed is as wide as a digit


def width_of(words: str, size: float, bold: bool = False) -> float:
    """Width in px of one line of words at ``size`` px."""
    return sum(_OF.get(letter, _OTHER) for letter in words) * size / 1000 * (1.06 if bold else 1.0)
