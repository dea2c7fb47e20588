"""The map of a study's sites: dots that match the list, nothing from outside."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.registry.places import MapWords, Spot, is_numbered, map_svg
from trialwright.registry.places.layout import Dot, spread
from trialwright.registry.places.outlines import Box, Scale, countries, rings
from trialwright.registry.places.projection import View, view_of

WORDS = MapWords("Map", "Four sites in Italy.")
BERGAMO = Spot("1", "Bergamo", "IT", 45.69601, 9.66721)
FIRENZE = Spot("2", "Firenze", "IT", 43.77925, 11.24626)
TOKYO = Spot("3", "Tokyo", "JP", 35.6895, 139.69171)

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_each_site_has_a_dot_with_its_number_and_its_citys_name() -> None:
    shown = texts(map_svg([BERGAMO, FIRENZE], WORDS))
    assert {"1", "2", "Bergamo", "Firenze"} <= set(shown)


def test_the_country_of_the_sites_is_named_and_a_scale_drawn() -> None:
    shown = texts(map_svg([BERGAMO, FIRENZE], WORDS))
    assert "Italy" in shown
    assert any(re.fullmatch(r"[\d,]+ km", text) for text in shown)


def test_the_map_asks_for_nothing_and_names_itself() -> None:
    svg = map_svg([BERGAMO], MapWords('<script>alert("x")</script>', "d", "one"))
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "one-title one-desc"
    assert not re.search(r"href|url\(|<script|<image|<style| style=|@import", svg)


def test_sites_far_apart_are_shown_on_the_world_and_near_ones_on_their_region() -> None:
    assert view_of([(9.7, 45.7), (139.7, 35.7)]).world
    region = view_of([(9.7, 45.7), (11.2, 43.8)])
    assert not region.world
    assert region.box.high - region.box.low == pytest.approx(6.5)
    assert texts(map_svg([BERGAMO, TOKYO], WORDS)).count("Tokyo") == 1


def test_two_sites_in_one_place_move_apart_and_are_tied_to_it_by_lines() -> None:
    svg = map_svg([BERGAMO, Spot("2", "Bergamo", "IT", BERGAMO.lat, BERGAMO.lon)], WORDS)
    leaders = re.search(r'class="tw-leaders".*?</g>', svg)
    assert leaders is not None
    assert leaders.group().count("<line") == 2


def test_more_sites_than_can_be_read_are_dots_without_numbers() -> None:
    many = [Spot(str(at), "City", "IT", 40 + at / 20, 9 + at % 7) for at in range(60)]
    assert not is_numbered(many)
    svg = map_svg(many, WORDS)
    assert svg.count("<circle") == 60
    assert "City" not in svg.replace("Four", "")


def test_without_a_site_there_is_no_map() -> None:
    assert map_svg([], WORDS) == ""
    assert not is_numbered([])


def test_the_same_sites_give_the_same_bytes() -> None:
    assert map_svg([BERGAMO, FIRENZE], WORDS) == map_svg([BERGAMO, FIRENZE], WORDS)


@pytest.mark.parametrize("scale", list(Scale))
def test_no_outline_crosses_the_180th_meridian(scale: Scale) -> None:
    for country in countries(scale):
        for ring in rings(scale, country.code):
            jumps = [abs(a[0] - b[0]) for a, b in pairwise(ring)]
            assert max(jumps) < 90, country.name


@pytest.mark.parametrize("scale", list(Scale))
def test_every_ring_lies_in_its_box(scale: Scale) -> None:
    for country in countries(scale):
        for box, ring in zip(country.boxes, rings(scale, country.code), strict=True):
            assert min(x for x, _ in ring) == pytest.approx(box.left)
            assert max(y for _, y in ring) == pytest.approx(box.high)


lonlats = st.tuples(st.floats(-180, 180), st.floats(-85, 85))


@given(st.lists(lonlats, min_size=1, max_size=12))
@settings(max_examples=80, deadline=None)
def test_every_site_lies_within_the_drawing(points: list[tuple[float, float]]) -> None:
    view: View = view_of(points)
    for lon, lat in points:
        x, y = view.project(lon, lat)
        assert -0.5 <= x <= view.width_px + 0.5
        if not view.world or lat >= -60:
            assert -0.5 <= y <= view.height_px + 0.5


@given(st.lists(st.tuples(st.floats(100, 300), st.floats(100, 250)), min_size=2, max_size=14))
@settings(max_examples=80, deadline=None)
def test_a_few_dots_end_up_without_covering_each_other(middles: list[tuple[float, float]]) -> None:
    dots = spread([Dot(x, y, 9, 9) for x, y in middles], Box(0, 440, 0, 330))
    overlaps = [min(18 - abs(a.x - b.x), 18 - abs(a.y - b.y)) for at, a in enumerate(dots) for b in dots[:at]]
    assert max(overlaps) < 6
