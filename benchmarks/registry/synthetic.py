"""Synthetic studies of the same length and word distribution as real ones, for measuring speed at scale.

Each takes the shape of a real record: which modules it has, how many arms, outcomes and sites, how long each text is.
The words are runs from the same piece of other real records, with rare invented words so that the vocabulary grows as
it does in life. Every one says that it is synthetic in its sponsor and titles. Without results sections.

The bundled records are longer than most, so short shapes are taken more often: the mean length of the studies is that
of the 6,020 real records of the shared corpus, results sections apart, as Trialwright reads them.

python benchmarks/registry/synthetic.py 1000 > studies.ndjson
"""

from __future__ import annotations

import json
import math
import random  # noqa: TID251 - synthetic studies are drawn from a seed
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from io import BytesIO
from typing import Any

SPONSOR = "Synthetic Sponsor (not a real organisation)"
MEAN_BYTES = 9_231  # measured on 2026-11-22 over the classic records of 2020, mapped to v2 JSON
RARE_SHARE = 0.02  # of words; with it the dictionary grows about as the square root of the text
RARE_WORDS = 400_000
LONGEST_RUN = 2_000
MOST_SITES = 100
_SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "po",
    "ra",
    "se",
    "ti",
    "vo",
    "xu",
    "zi",
    "lor",
    "mab",
    "nex",
    "tan",
    "qui",
)
_FIXED = (
    "type",
    "class",
    "status",
    "phase",
    "sex",
    "age",
    "date",
    "nctId",
    "allocation",
    "model",
    "purpose",
    "masking",
    "perspective",
)


def real_records() -> list[dict[str, Any]]:
    """The real records that are bundled with the product."""
    sample = (files("trialwright.registry") / "data" / "sample.zip").read_bytes()
    with zipfile.ZipFile(BytesIO(sample)) as archive:
        lines = archive.read("studies.ndjson").splitlines()
    return [json.loads(line) for line in lines]


def studies(count: int, seed: int = 1, first: int = 0) -> Iterator[dict[str, Any]]:
    """Synthetic studies, the same ones for the same seed; their NCT numbers count on from ``first``."""
    shapes = real_records()
    texts: dict[str, list[str]] = {}
    places: list[dict[str, Any]] = []
    for shape in shapes:
        shape.pop("resultsSection", None)
        shape["hasResults"] = False
        _gather(shape, "", texts)
        places += [site for site in _locations(shape) if site.get("geoPoint")]
    chance = random.Random(seed)
    weights = weights_for_mean([float(len(json.dumps(shape, ensure_ascii=False).encode())) for shape in shapes], MEAN_BYTES)
    for number, shape in enumerate(chance.choices(shapes, weights, k=count), first):
        yield _study(chance, shape, texts, places, number)


def weights_for_mean(lengths: list[float], mean: float) -> list[float]:
    """Weights, falling (or rising) exponentially with the length, under which the mean length is the one wanted."""
    low, high = -1e-3, 1e-3
    for _ in range(60):
        rate = (low + high) / 2
        weights = [math.exp(-rate * length) for length in lengths]
        reached = sum(weight * length for weight, length in zip(weights, lengths, strict=True)) / sum(weights)
        low, high = (rate, high) if reached > mean else (low, rate)
    return weights


def _locations(shape: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shape["protocolSection"].get("contactsLocationsModule", {}).get("locations", [])
    return found


def _gather(node: Any, name: str, texts: dict[str, list[str]]) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            _gather(value, key, texts)
    elif isinstance(node, list):
        for item in node:
            _gather(item, name, texts)
    elif isinstance(node, str) and not _is_fixed(name, node):
        texts.setdefault(name, []).extend(node.split(" "))


def _is_fixed(name: str, text: str) -> bool:
    """Enumerated values, dates and numbers stay as they are."""
    lower = name.lower()
    return text.isupper() or (" " not in text and (not text[:1].isalpha() or any(word in lower for word in _FIXED)))


def _study(
    chance: random.Random, shape: dict[str, Any], texts: dict[str, list[str]], places: list[dict[str, Any]], number: int
) -> dict[str, Any]:
    made: dict[str, Any] = _remade(chance, shape, "", texts)
    identity = made["protocolSection"]["identificationModule"]
    identity["nctId"] = f"NCT9{number:07d}"
    identity.pop("nctIdAliases", None)
    identity["orgStudyIdInfo"] = {"id": f"SYNTHETIC-{number}"}
    for title in ("briefTitle", "officialTitle"):
        if title in identity:
            identity[title] = f"[Synthetic] {identity[title]}"
    sponsors = made["protocolSection"].setdefault("sponsorCollaboratorsModule", {})
    sponsors.setdefault("leadSponsor", {"class": "OTHER"})["name"] = f"{SPONSOR} {int(chance.paretovariate(0.8)) % 50_000}"
    _set_dates(chance, made["protocolSection"].get("statusModule", {}))
    sites = _locations(made)[:MOST_SITES]
    for site in sites:
        place = chance.choice(places)
        site.update({key: place[key] for key in ("city", "state", "country", "zip", "geoPoint") if key in place})
    if sites:
        made["protocolSection"]["contactsLocationsModule"]["locations"] = sites
    return made


def _remade(chance: random.Random, node: Any, name: str, texts: dict[str, list[str]]) -> Any:
    if isinstance(node, dict):
        return {key: _remade(chance, value, key, texts) for key, value in node.items()}
    if isinstance(node, list):
        return [_remade(chance, item, name, texts) for item in node]
    if not isinstance(node, str) or name in ("geoPoint", "state", "country", "city", "zip") or _is_fixed(name, node):
        return node
    return _words(chance, texts[name], node.count(" ") + 1)


def _words(chance: random.Random, pool: list[str], count: int) -> str:
    start = chance.randrange(len(pool))
    words = pool[start : start + min(count, LONGEST_RUN)]
    for _ in range(_rare(chance, len(words))):
        words[chance.randrange(len(words))] = _invented(int(chance.paretovariate(0.7)) % RARE_WORDS)
    return " ".join(words)


def _rare(chance: random.Random, count: int) -> int:
    expected = count * RARE_SHARE
    return int(expected) + (chance.random() < expected % 1)


def _invented(number: int) -> str:
    word = ""
    while number:
        number, digit = divmod(number, len(_SYLLABLES))
        word += _SYLLABLES[digit]
    return word or "ba"


def _set_dates(chance: random.Random, status: dict[str, Any]) -> None:
    shift = timedelta(days=chance.randrange(-3_000, 300))
    for name, value in status.items():
        if isinstance(value, dict) and isinstance(value.get("date"), str):
            value["date"] = _moved(value["date"], shift)
        elif name.endswith("Date") and isinstance(value, str):
            status[name] = _moved(value, shift)


def _moved(text: str, shift: timedelta) -> str:
    parts = [int(part) for part in text.split("-")] if text.replace("-", "").isdecimal() else []
    if not parts:
        return text
    day = date(parts[0], *(parts[1:2] or [1]), *(parts[2:3] or [1])) + shift
    return day.isoformat()[: len(text)]


if __name__ == "__main__":
    for made in studies(int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        print(json.dumps(made, ensure_ascii=False))
