"""Sponsors, officials, contacts and sites of the classic XML, as v2 modules.

Adds the one thing that the XML lacks and the registry derives as well: the coordinates of a site's city.
"""

from __future__ import annotations

from functools import lru_cache
from xml.etree.ElementTree import Element

from trialwright.exchange.ctgov import terms
from trialwright.exchange.ctgov.classic import Classic, child_line, compact, line_of, listed
from trialwright.registry.places import find_place

_SITE_PEOPLE = ("contact", "contact_backup", "investigator")


def sponsors(x: Classic) -> dict[str, object]:
    """The sponsor module."""

    def agency(element: Element) -> dict[str, object]:
        category = x.term(child_line(element, "agency_class"), terms.AGENCY_CLASS, "agency_class")
        return {"name": child_line(element, "agency"), "class": category}

    lead = listed(x.all("sponsors/lead_sponsor"), agency)
    party = "responsible_party/"
    kind = x.term(x.text(party + "responsible_party_type"), terms.RESPONSIBLE_PARTY, "responsible_party_type")
    return {
        "responsibleParty": compact(
            {
                "type": kind,
                "investigatorFullName": x.text(party + "investigator_full_name"),
                "investigatorTitle": x.text(party + "investigator_title"),
                "investigatorAffiliation": x.text(party + "investigator_affiliation"),
                "oldNameTitle": x.text(party + "name_title"),
                "oldOrganization": x.text(party + "organization"),
            }
        ),
        "leadSponsor": lead[0] if lead else None,
        "collaborators": listed(x.all("sponsors/collaborator"), agency),
    }


def contacts_locations(x: Classic) -> dict[str, object]:
    """The contacts and locations module."""

    def official(element: Element) -> dict[str, object]:
        return {
            "name": _full_name(element),
            "affiliation": child_line(element, "affiliation"),
            "role": x.term(child_line(element, "role"), terms.ROLE, "overall_official"),
        }

    def location(element: Element) -> dict[str, object]:
        address = {part.tag: line_of(part) for part in element.findall("facility/address/*")}
        people = [part for tag in _SITE_PEOPLE for part in element.findall(tag)] if len(element) > 1 else []
        return {
            "facility": child_line(element, "facility/name"),
            "status": x.term(child_line(element, "status"), terms.STATUS, "location/status"),
            **{part: address.get(part) for part in ("city", "state", "zip", "country")},
            "contacts": listed(people, lambda person: _contact(x, person)),
            "geoPoint": _point(address.get("city"), address.get("state"), address.get("country")),
        }

    central = [*x.all("overall_contact"), *x.all("overall_contact_backup")]
    return {
        "centralContacts": listed(central, lambda person: _contact(x, person)),
        "overallOfficials": listed(x.all("overall_official"), official),
        "locations": listed(x.all("location"), location),
    }


@lru_cache(maxsize=20_000)
def _point(city: str | None, state: str | None, country: str | None) -> dict[str, object] | None:
    """The centre of the city, as the registry itself has it; none where several cities might be meant."""
    found = find_place(city, country, state or "") if city and country else None
    return {"lat": found.lat, "lon": found.lon} if found is not None and not found.ambiguous else None


def _contact(x: Classic, element: Element) -> dict[str, object]:
    role = child_line(element, "role")
    return {
        "name": _full_name(element),
        "role": x.term(role, terms.ROLE, f"{element.tag}/role") if role else "CONTACT",
        "phone": child_line(element, "phone"),
        "phoneExt": child_line(element, "phone_ext"),
        "email": child_line(element, "email"),
    }


def _full_name(element: Element) -> str | None:
    """A name as v2 writes it: given names, family name, then degrees after a comma."""
    name = " ".join(filter(None, (child_line(element, part) for part in ("first_name", "middle_name", "last_name"))))
    degrees = child_line(element, "degrees")
    return (f"{name}, {degrees}" if degrees else name) or None
