"""Cities are found offline, and never guessed."""

import pytest

from trialwright.registry.places import country_code, find_place

# NCT00787384, geoPoint of its four sites in ClinicalTrials.gov's v2 data.
SEED_SITES = [
    ("Bergamo", 45.69601, 9.66721),
    ("Brescia", 45.53558, 10.21472),
    ("Firenze", 43.77925, 11.24626),
    ("Vicenza", 45.54672, 11.5475),
]


@pytest.mark.parametrize(("city", "lat", "lon"), SEED_SITES)
def test_the_seeds_four_sites_lie_exactly_where_the_registry_puts_them(city: str, lat: float, lon: float) -> None:
    place = find_place(city, "Italy")
    assert place is not None
    assert (place.lat, place.lon, place.ambiguous) == (lat, lon, False)


@pytest.mark.parametrize(
    ("city", "country", "name"),
    [
        ("Firenze", "Italy", "Florence"),
        ("MÜNCHEN", "Germany", "Munich"),
        ("Köln", "Germany", "Köln"),
        ("koln", "Germany", "Köln"),
        ("St. Petersburg", "Russian Federation", "Saint Petersburg"),
        ("St. Louis", "United States", "St. Louis"),
        ("Paris 75013", "France", "Paris"),
        ("Lyon Cedex 03", "France", "Lyon"),
        ("Seoul, Korea", "Korea, Republic of", "Seoul"),
        ("İstanbul", "Turkey (Türkiye)", "Istanbul"),
        ("Łódź", "Poland", "Łódź"),
    ],
)
def test_a_city_is_found_under_the_spellings_of_a_registry(city: str, country: str, name: str) -> None:
    place = find_place(city, country)
    assert place is not None
    assert place.name == name


def test_of_several_cities_of_one_name_the_most_populous_is_taken_and_flagged() -> None:
    place = find_place("Springfield", "United States")
    assert place is not None
    assert (place.lat, place.ambiguous) == (37.21533, True)  # Missouri, the largest


def test_a_state_decides_between_cities_of_one_name() -> None:
    place = find_place("Springfield", "United States", "Illinois")
    assert place is not None
    assert (round(place.lat, 1), place.ambiguous) == (39.8, False)
    assert place == find_place("Springfield", "United States", "IL")


def test_a_state_without_such_a_city_gives_no_place_rather_than_one_elsewhere() -> None:
    assert find_place("Florence", "United States", "Vermont") is None


@pytest.mark.parametrize(("city", "country"), [("Nowhere at all", "Italy"), ("Bergamo", "Atlantis"), ("", ""), ("...", "Italy")])
def test_what_is_unknown_is_none(city: str, country: str) -> None:
    assert find_place(city, country) is None


@pytest.mark.parametrize(
    ("country", "code"),
    [("Turkey (Türkiye)", "TR"), ("Korea, Republic of", "KR"), ("South Korea", "KR"), ("Côte D'Ivoire", "CI")],
)
def test_a_country_is_known_by_the_registrys_own_spelling(country: str, code: str) -> None:
    assert country_code(country) == code
