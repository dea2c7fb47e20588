"""Cities by their name alone, and the maps that a reader browses by."""

from xml.etree import ElementTree

import pytest

from trialwright.registry.places import Counted, cities_svg, find_anywhere, world_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Bergamo", "IT"),
        ("bergamo italy", "IT"),
        ("Paris", "FR"),
        ("Paris, Texas", "US"),
        ("Paris, France", "FR"),
        ("Firenze", "IT"),
    ],
)
def test_a_city_is_found_by_its_name_the_most_populous_first(name: str, country: str) -> None:
    assert find_anywhere(name)[0].country == country


def test_the_namesakes_come_after_the_most_populous_one_for_each_country() -> None:
    countries = [one.country for one in find_anywhere("Paris")]
    assert countries[0] == "FR" and "US" in countries and len(countries) == len(set(countries))


@pytest.mark.parametrize("name", ["", ",", "Xyzzyville", "Paris, Atlantis", "Atlantis, Italy", "\0", "a" * 10_000])
def test_what_is_no_city_is_not_guessed(name: str) -> None:
    assert find_anywhere(name) == ()


def test_each_country_of_the_world_map_is_a_link_with_a_name_and_the_larger_count_the_stronger_tone() -> None:
    drawn = world_svg([Counted("Italy: 3", 3, "/it", "IT"), Counted("France: 900", 900, "/fr", "FR")], "By country")
    links = {one.get("aria-label"): one for one in ElementTree.fromstring(drawn).iter(f"{SVG}a")}
    assert set(links) == {"Italy: 3", "France: 900"}
    tones = {name: next(one.iter(f"{SVG}path")).get("class") for name, one in links.items()}
    assert tones == {"Italy: 3": "tw-tone-2", "France: 900": "tw-tone-5"}


def test_the_larger_circle_is_the_city_with_more_studies_and_no_name_becomes_markup() -> None:
    evil = '"><script>alert(1)</script>'
    places = [Counted(f"Rome{evil}", 1, "/r", "", 41.9, 12.5), Counted("Milan", 9, f"/m{evil}", "", 45.5, 9.2)]
    root = ElementTree.fromstring(cities_svg(places, evil, "IT"))
    assert not list(root.iter(f"{SVG}script"))
    radii = {one.get("href"): float(next(one.iter(f"{SVG}circle")).get("r") or 0) for one in root.iter(f"{SVG}a")}
    assert radii[f"/m{evil}"] == 13.0 and radii["/r"] == pytest.approx(13 / 3, abs=0.05)
    assert cities_svg([], "none") == ""
