"""Rebuild the data files of this folder from their sources. Run by a maintainer; the product never does.

    python -m trialwright.registry.data.rebuild CITIES15000_JSON REGION_NAMES_CSV COUNTRIES_JSON US_STATES_JSON \
        ISO3166_JSON OUTLINES_50M OUTLINES_110M

SOURCES.md says where each file comes from. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import json
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from trialwright.registry.places.names import folded
from trialwright.registry.places.outlines import Box
from trialwright.registry.places.projection import cut_to

HERE = Path(__file__).parent
FIXED_TIME = (2026, 1, 1, 0, 0, 0)

# Spellings of a country in registry records that GeoNames and ISO 3166 do not list.
REGISTRY_COUNTRY_NAMES = {
    "Korea, Republic of": "KR",
    "Korea, Democratic People's Republic of": "KP",
    "Russian Federation": "RU",
    "Turkey (Türkiye)": "TR",
    "Türkiye": "TR",
    "Turkey": "TR",
    "Iran, Islamic Republic of": "IR",
    "Moldova, Republic of": "MD",
    "Macedonia, The Former Yugoslav Republic of": "MK",
    "Former Serbia and Montenegro": "RS",
    "Syrian Arab Republic": "SY",
    "Libyan Arab Jamahiriya": "LY",
    "Lao People's Democratic Republic": "LA",
    "Congo, The Democratic Republic of the": "CD",
    "Democratic Republic of the Congo": "CD",
    "Congo": "CG",
    "Côte D'Ivoire": "CI",
    "Cote d'Ivoire": "CI",
    "Palestinian Territories, Occupied": "PS",
    "Palestinian Territory, Occupied": "PS",
    "Holy See (Vatican City State)": "VA",
    "Viet Nam": "VN",
    "Czech Republic": "CZ",
    "Swaziland": "SZ",
    "Burma": "MM",
    "USA": "US",
    "UK": "GB",
    "The Netherlands": "NL",
    "The Bahamas": "BS",
    "The Gambia": "GM",
}

# Countries whose numeric code Natural Earth leaves out.
OUTLINES_WITHOUT_CODE = {"Kosovo": "XK"}
OUTLINES_RENAMED = {"Macedonia": "North Macedonia", "eSwatini": "Eswatini"}
OUTLINES_LEFT_OUT = {"Antarctica"}  # its ring goes round the pole, which no view shows


def write_zip(path: Path, members: Mapping[str, str]) -> None:
    """Write text members in name order with a fixed time, so that the bytes depend on the content alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(name, FIXED_TIME), members[name].encode(), zipfile.ZIP_DEFLATED, 9)


def country_names(countries: Mapping[str, Any], iso: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Folded country name to ISO alpha-2 code, from GeoNames, ISO 3166 and the registry's own spellings."""
    found = {folded(entry["name"]): entry["alpha2"] for entry in iso}
    found |= {folded(entry["name"]): code for code, entry in countries.items()}
    return found | {folded(name): code for name, code in REGISTRY_COUNTRY_NAMES.items()}


def latin_alternates(city: Mapping[str, Any]) -> list[str]:
    """Folded other names in Latin letters, without airport codes and machine transliterations."""
    kept = set()
    for name in city["alternatenames"]:
        plain = folded(name)
        codelike = name.isupper() and len(name) <= 4
        if len(plain) >= 3 and plain.isascii() and name[:1].isupper() and not codelike:
            kept.add(plain)
    return sorted(kept - {folded(city["name"])})


def city_members(cities: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """One member per country, most populous first: name, region, latitude, longitude, population, other names."""
    rows: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for city in cities:
        columns = (city["name"], city["admin1code"], city["latitude"], city["longitude"], city["population"])
        line = "\t".join([*map(str, columns), "|".join(latin_alternates(city))])
        rows[city["countrycode"]].append((-city["population"], line))
    return {f"{code}.tsv": "".join(f"{line}\n" for _, line in sorted(lines)) for code, lines in rows.items()}


def region_names(
    cities: Iterable[Mapping[str, Any]], named: Iterable[Mapping[str, str]], us_states: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Country to folded region name to region code: the name most of a region's cities carry in the second list."""
    by_spot = {(row["cc"], folded(row["name"])): row["admin1"] for row in named if row["admin1"]}
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for city in cities:
        region = by_spot.get((city["countrycode"], folded(city["name"])))
        if region and city["countrycode"] != "US":
            votes[city["countrycode"], city["admin1code"]][folded(region)] += 1
    regions: dict[str, dict[str, str]] = defaultdict(dict)
    for (country, code), names in sorted(votes.items()):
        regions[country][names.most_common(1)[0][0]] = code
    for code, state in us_states.items():
        regions["US"] |= {folded(code): code, folded(state["name"]): code}
    return regions


def rings_of(topology: Mapping[str, Any], digits: int) -> dict[tuple[str | None, str], list[list[tuple[int, int]]]]:
    """Country (numeric code, name) to its outer and inner rings in units of ``10**-digits`` degrees."""
    (scale_x, scale_y), (move_x, move_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            lon, lat = x * scale_x + move_x, y * scale_y + move_y
            points.append((round(lon * 10**digits), round(lat * 10**digits)))
        arcs.append(points)

    def ring(indices: list[int]) -> list[tuple[int, int]]:
        points: list[tuple[int, int]] = []
        for index in indices:
            part = arcs[index] if index >= 0 else arcs[~index][::-1]
            points += part[1:] if points else part
        return [point for at, point in enumerate(points) if at == 0 or point != points[at - 1]]

    half_turn = 180 * 10**digits
    outlines: dict[tuple[str | None, str], list[list[tuple[int, int]]]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        polygons = {"Polygon": [shape.get("arcs", [])], "MultiPolygon": shape.get("arcs", [])}.get(shape["type"], [])
        rings = [ring(indices) for polygon in polygons for indices in polygon]
        name = OUTLINES_RENAMED.get(shape["properties"]["name"], shape["properties"]["name"])
        if name not in OUTLINES_LEFT_OUT:
            parts = [part for one in rings for part in parted(one, half_turn)]
            outlines.setdefault((shape.get("id"), name), []).extend(part for part in parts if len(part) > 3)
    return outlines


def parted(ring: list[tuple[int, int]], half_turn: int) -> list[list[tuple[int, int]]]:
    """A ring that crosses the 180th meridian as its western and its eastern part; any other ring alone."""
    turns = 0
    unrolled = []
    for (before, _), (x, y) in zip([ring[0], *ring], ring, strict=False):
        turns += (x - before < -half_turn) - (x - before > half_turn)
        unrolled.append((float(x + turns * 2 * half_turn), float(y)))
    sides = []
    for turn in (-1, 0, 1):
        middle = turn * 2 * half_turn
        side = cut_to(unrolled, Box(middle - half_turn, middle + half_turn, -half_turn, half_turn))
        sides.append([(round(x) - middle, round(y)) for x, y in side])
    return [side for side in sides if side]


def outline_members(topology: Mapping[str, Any], codes: Mapping[str, str], digits: int) -> dict[str, str]:
    """An index (name, box) and one member per country: a ring per line, the first point and then differences."""
    members: dict[str, str] = {}
    index: dict[str, dict[str, Any]] = {}
    for (numeric, name), rings in rings_of(topology, digits).items():
        code = codes.get(numeric or "") or OUTLINES_WITHOUT_CODE.get(name) or folded(name).replace(" ", "-")
        lines = []
        for ring in rings:
            steps = [ring[0]] + [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(ring)]
            lines.append(" ".join(f"{x} {y}" for x, y in steps))
        boxes = [[min(c), max(c)] for ring in rings for c in ([p[0] for p in ring], [p[1] for p in ring])]
        index[code] = {"name": name, "boxes": [boxes[at] + boxes[at + 1] for at in range(0, len(boxes), 2)]}
        members[f"{code}.txt"] = "\n".join(lines)
    members["index.json"] = json.dumps({"digits": digits, "countries": index}, ensure_ascii=False, sort_keys=True)
    return members


def rebuild(sources: list[Path]) -> None:
    """Write every data file of this folder from the seven sources, in the order of the module's docstring."""
    cities_at, named_at, countries_at, states_at, iso_at, fine, coarse = sources
    cities = list(json.loads(cities_at.read_text()).values())
    iso = json.loads(iso_at.read_text())
    with named_at.open(newline="") as lines:
        regions = region_names(cities, csv.DictReader(lines), json.loads(states_at.read_text()))
    names = {"countries": country_names(json.loads(countries_at.read_text()), iso), "regions": regions}
    (HERE / "names.json").write_text(json.dumps(names, indent=0, sort_keys=True, ensure_ascii=False) + "\n")
    write_zip(HERE / "cities.zip", city_members(cities))
    codes = {entry["numeric"]: entry["alpha2"] for entry in iso}
    write_zip(HERE / "outlines-fine.zip", outline_members(json.loads(fine.read_text()), codes, 2))
    write_zip(HERE / "outlines-coarse.zip", outline_members(json.loads(coarse.read_text()), codes, 1))


if __name__ == "__main__":
    rebuild([Path(argument) for argument in sys.argv[1:]])
