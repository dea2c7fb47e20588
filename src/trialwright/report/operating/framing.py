"""What stands around any page of operating characteristics: title, stamp, and which files and trials it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from trialwright.report.document import CodeSpan, Document, Section, Words
from trialwright.report.operating.wording import REASON, WATERMARK
from trialwright.simulation.characteristics.result import Provenance
from trialwright.vocabulary.dates import format_instant


def framed(
    told: Provenance,
    sections: Iterable[Section],
    made_at: datetime | None,
    arms: str = "",
    more: tuple[tuple[str, Words], ...] = (),
) -> Document:
    """Put sections into a document.

    Args:
        told: What was simulated.
        sections: The page.
        made_at: Aware instant that the page states; None for none.
        arms: How many participants each arm has, in brackets after their number.
        more: Further lines of the head.
    """
    metadata: list[tuple[str, Words]] = [
        ("Protocol", (f"{told.study}, version {told.version}, ", CodeSpan(told.protocol[:16]))),
        ("Chances", (f"{told.title}, ", CodeSpan(told.virtual[:16]))),
        ("Trials", (f"{told.trials:,} simulated, of {told.participants} participants{arms}, seed {told.seed}",)),
        *more,
    ]
    if made_at is not None:
        metadata.append(("Made", (format_instant(made_at),)))
    return Document(
        title=f"Operating characteristics of {told.study} (simulated)",
        subtitle="What the protocol would do again and again, if people were as the file of chances says",
        watermark=WATERMARK,
        watermark_reason=REASON,
        metadata=tuple(metadata),
        sections=tuple(sections),
    )
