"""A template filter for sentences that name a part of a file between backticks. Escapes everything else."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_NAMED = re.compile(r"`([^`\n]+)`")


@register.filter
def marked(text: str) -> SafeString:
    """The text with each name between backticks as code, and its line breaks kept."""
    parts = _NAMED.sub(r"<code>\1</code>", str(conditional_escape(text)))
    return mark_safe(parts.replace("\n", "<br>"))  # noqa: S308 - escaped above
