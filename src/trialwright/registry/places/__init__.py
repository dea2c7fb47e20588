"""Where a study runs: cities, country outlines and the map of its sites, all without any outside request."""

from trialwright.registry.places.anywhere import find_anywhere
from trialwright.registry.places.browse_map import Counted, cities_svg, world_svg
from trialwright.registry.places.cities import Place, country_code, find_place
from trialwright.registry.places.site_map import MapWords, Spot, is_numbered, map_svg

__all__ = [
    "Counted",
    "MapWords",
    "Place",
    "Spot",
    "cities_svg",
    "country_code",
    "find_anywhere",
    "find_place",
    "is_numbered",
    "map_svg",
    "world_svg",
]
