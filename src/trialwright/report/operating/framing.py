"""What stands around any page of operating characteristics: title, stamp, and which files and trials it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from trialwright.report.document import Callout, CalloutKind, CodeSpan, Document, Paragraph, Section, Words, paragraph
from trialwright.report.operating.wording import REASON, WATERMARK
from trialwright.simulation.characteristics.result import Provenance
from trialwright.simulation.scenarios.playing import Compared
from trialwright.vocabulary.dates import format_instant

ERROR_WORDS = (
    "± is one Monte Carlo standard error: how far simulation lies from the model. How far the model lies from the truth is "
    "for the sources of its numbers to say; they stand at the end."
)


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


def partial_result(played: str) -> Callout:
    """Say how much was played of a run that was broken off."""
    told = f"{played} were played before the run was broken off."
    return Callout(CalloutKind.WARNING, "A partial result", (paragraph(told),))


def first_of(one: Compared) -> Paragraph:
    """Say which of several scenarios the page is about."""
    return paragraph(f"Where scenarios are compared, this is the first of them: {one.scenario.label}.")
