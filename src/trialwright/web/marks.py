"""Template filters: names between backticks as code, counts in the spoken language, values of parameters. Escape all else."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from trialwright.report.study_page import number

register = template.Library()
_NAMED = re.compile(r"`([^`\n]+)`")


@register.filter
def marked(text: str) -> SafeString:
    """The text with each name between backticks as code, and its line breaks kept."""
    parts = _NAMED.sub(r"<code>\1</code>", str(conditional_escape(text)))
    return mark_safe(parts.replace("\n", "<br>"))  # noqa: S308 - escaped above


@register.filter
def counted(count: int) -> str:
    """A count with its thousands apart, in the language that is spoken."""
    return number(count)


@register.filter
def first_of(pairs: Iterable[tuple[str, str]], name: str) -> str:
    """The first value of a name among pairs; empty where there is none."""
    return next((value for one, value in pairs or () if one == name), "")


@register.filter
def all_of(pairs: Iterable[tuple[str, str]], name: str) -> list[str]:
    """Every value of a name among pairs."""
    return [value for one, value in pairs or () if one == name]


@register.filter
def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


@register.filter
def blanked(text: str) -> str:
    """As many blanks as the text has characters, to point below it."""
    return " " * len(text)


@register.filter
def plus_one(position: int) -> int:
    """A position counted from 1."""
    return position + 1
