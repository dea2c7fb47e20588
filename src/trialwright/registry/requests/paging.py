"""Pages: how large, and the token that leads to the next. Keeps nothing between calls."""

from __future__ import annotations

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from zlib import crc32

from trialwright.registry.requests.errors import ParameterError
from trialwright.registry.requests.reading import Params, single, whole_number

DEFAULT_SIZE = 10
LARGEST_SIZE = 1000
_PLACE = struct.Struct(">IH")


def page_size(params: Params) -> int:
    """Records on a page: 10 unless said otherwise (or 0), at most 1,000 however many are asked for."""
    return min(whole_number(params, "pageSize") or DEFAULT_SIZE, LARGEST_SIZE)


def page_token(offset: int) -> str:
    """The token of the page that begins after ``offset`` studies."""
    place = struct.pack(">I", offset)
    return urlsafe_b64encode(_PLACE.pack(offset, crc32(place) & 0xFFFF)).decode()


def read_page_token(params: Params) -> int | None:
    """After how many studies the page begins; None where no token is given (the first page).

    Raises:
        ParameterError: The token is none of ours.
    """
    token = single(params, "pageToken")
    if token is None:
        return None
    try:
        offset, check = _PLACE.unpack(urlsafe_b64decode(token.encode("ascii")))
    except (UnicodeEncodeError, binascii.Error, struct.error):
        offset, check = 0, -1
    if check != crc32(struct.pack(">I", offset)) & 0xFFFF:
        raise ParameterError("Parameter `pageToken` has incorrect format", parameter="pageToken")
    return int(offset)
