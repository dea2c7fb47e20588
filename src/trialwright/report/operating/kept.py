"""A section of a trial's report for a simulation that was kept beside its log; it says that it is simulated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialwright.report.document import Callout, CalloutKind, CodeSpan, KeyValueTable, Section, Words, paragraph
from trialwright.report.operating.wording import MAIN, number_words
from trialwright.simulation.characteristics.estimates import Estimate


def kept_section(told: Mapping[str, Any], protocol_digest: str) -> Section | None:
    """Say what a simulation of the protocol gave, apart from anything that was observed.

    Args:
        told: What ``result.json`` holds.
        protocol_digest: Of the protocol in force; a simulation of another is not shown.

    Returns:
        The section; None where the file is none of one scenario, or of another protocol.
    """
    found = told.get("provenance")
    if told.get("simulated") is not True or not isinstance(found, dict) or found.get("protocol") != protocol_digest:
        return None
    rows = tuple(_of_arms(told) if "arms" in told else _rows(told["probabilities"]))
    partial = f" of {found['planned']:,}, broken off" if found["partial"] else ""
    facts = f"{found['trials']:,} trials{partial} of {found['participants']} participants, seed {found['seed']}, "
    note = Callout(
        CalloutKind.SIMULATED,
        "SIMULATED: operating characteristics of the protocol",
        (
            paragraph(
                "Nothing in this section was observed. It says what the protocol would give if people were as a file says."
            ),
            paragraph(
                facts, f"by “{found['title']}”, ", CodeSpan(str(found["virtual"])[:16]), "; ± is one Monte Carlo standard error."
            ),
        ),
    )
    return Section("operating-characteristics", "Operating characteristics (simulated)", (note, KeyValueTable(rows)))


def _of_arms(told: Mapping[str, Any]) -> Iterator[tuple[str, Words]]:
    """What is between the arms, then the main measures of each."""
    yield from _rows(told["comparison"]["probabilities"])
    for one in told["arms"].values():
        for label, words in _rows(one["probabilities"]):
            yield f"{one['label']}: {label}", words


def _rows(probabilities: Mapping[str, Any]) -> Iterator[tuple[str, Words]]:
    for name, one in probabilities.items():
        if (name in MAIN or name.startswith(("decision.", "difference.", "stopped."))) and one["value"] is not None:
            estimate = Estimate(*(float("nan") if one[part] is None else one[part] for part in ("value", "error", "low", "high")))
            words = number_words(estimate, one["share"])
            yield one["label"], (words.replace(" %", " pp") if name.startswith("difference.") else words,)
