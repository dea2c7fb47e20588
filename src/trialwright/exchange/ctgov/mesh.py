"""Identifiers of MeSH headings, which classic XML names without them. Knows nothing else of MeSH."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def mesh_identifiers() -> Mapping[str, str]:
    """Identifier (``D017681``) by heading, as of the descriptors that come with the product (see data/SOURCES.md)."""
    source = files("trialwright.exchange.ctgov") / "data" / "mesh.zip"
    with source.open("rb") as file, zipfile.ZipFile(file) as archive:
        lines = archive.read("identifiers.tsv").decode().splitlines()
    return dict(line.split("\t") for line in lines)
