"""A benchmark's own corpus (``corpus.jsonl`` as in BEIR) as records, so that judged trials that are not held can be searched.

Such a corpus has a title, a text and some metadata of a trial; what it has no place for is missing in the record. The
records are for one measurement and are never kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from trialwright.registry.evaluation.topics import BenchmarkError
from trialwright.registry.record import Record


def read_corpus(path: Path) -> Iterator[Record]:
    """The records of a corpus, one a line.

    Raises:
        BenchmarkError: A line is no JSON object with ``_id``.
    """
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    node = json.loads(line)
                    yield corpus_record(node)
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise BenchmarkError(f"{path}:{number}: expected a JSON object with _id, title, text, metadata") from error


def corpus_record(node: Mapping[str, object]) -> Record:
    """One line of a corpus as a record: title, summary, conditions, interventions, criteria.

    >>> corpus_record({"_id": "NCT00000001", "title": "A study", "text": "Of something."}).brief_title
    'A study'
    """
    found = node.get("metadata")
    about: Mapping[str, object] = found if isinstance(found, Mapping) else {}
    summary = about.get("brief_summary") or node.get("text") or ""
    criteria = "\n\n".join(
        f"{title}:\n\n{about[name]}"
        for title, name in (("Inclusion Criteria", "inclusion_criteria"), ("Exclusion Criteria", "exclusion_criteria"))
        if about.get(name)
    )
    protocol: dict[str, object] = {
        "identificationModule": {"nctId": str(node["_id"]), "briefTitle": str(node.get("title", ""))},
        "descriptionModule": {"briefSummary": str(summary)},
        "conditionsModule": {"conditions": _listed(about.get("diseases_list"))},
        "armsInterventionsModule": {"interventions": [{"name": name} for name in _listed(about.get("drugs_list"))]},
        "eligibilityModule": {"eligibilityCriteria": criteria},
    }
    return Record({"protocolSection": protocol})


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
