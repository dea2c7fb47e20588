"""The search engine: an index of studies in a folder, one writer, many readers. The only room that knows tantivy."""

from trialwright.registry.index.facets import FACETS, FieldValues
from trialwright.registry.index.highlighting import Snippet, ranges, snippet
from trialwright.registry.index.request import (
    DISTANCE,
    RELEVANCE,
    Bucket,
    City,
    Decay,
    Expanded,
    Found,
    Hit,
    Near,
    Profile,
    Request,
    RequestError,
    Site,
    SortKey,
)
from trialwright.registry.index.stored import Stored
from trialwright.registry.index.study_index import StudyIndex
from trialwright.registry.index.writer import IndexWriter

__all__ = [
    "DISTANCE",
    "FACETS",
    "RELEVANCE",
    "Bucket",
    "City",
    "Decay",
    "Expanded",
    "FieldValues",
    "Found",
    "Hit",
    "IndexWriter",
    "Near",
    "Profile",
    "Request",
    "RequestError",
    "Site",
    "Snippet",
    "SortKey",
    "Stored",
    "StudyIndex",
    "ranges",
    "snippet",
]
