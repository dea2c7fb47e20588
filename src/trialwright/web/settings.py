"""Django's settings, built from where to serve and under which names. Reads no environment; keeps no database and no session."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.conf import settings

HERE = Path(__file__).parent
POLICY: dict[str, list[str]] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "connect-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}


def configure(home: Path, hosts: Sequence[str], secret: str) -> None:
    """Give Django its settings, once in a process.

    Args:
        home: The folder to serve; never written to.
        hosts: The names under which visitors may call (``ALLOWED_HOSTS``).
        secret: Random text. Nothing that outlives the process is signed with it.
    """
    if settings.configured:
        raise RuntimeError("Django was configured already; a process serves one home folder")
    import django

    settings.configure(**chosen(home, hosts, secret))
    django.setup()


def chosen(home: Path, hosts: Sequence[str], secret: str) -> dict[str, Any]:
    """Every setting that is not Django's default."""
    return {
        "TRIALWRIGHT_HOME": home,
        "DEBUG": False,
        "SECRET_KEY": secret,
        "ALLOWED_HOSTS": list(hosts),
        "ROOT_URLCONF": "trialwright.web.urls",
        "INSTALLED_APPS": ["django.contrib.staticfiles"],
        "DATABASES": {},
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "trialwright.web.headers.headers",
            "csp.middleware.CSPMiddleware",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "trialwright.web.headers.read_only",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [HERE / "templates"],
                "OPTIONS": {
                    "context_processors": ["trialwright.web.pages.everywhere"],
                    "libraries": {"marks": "trialwright.web.marks"},
                },
            }
        ],
        "STATIC_URL": "/static/",
        "STATICFILES_DIRS": [HERE / "static"],
        "STATICFILES_FINDERS": ["django.contrib.staticfiles.finders.FileSystemFinder"],
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "WHITENOISE_MAX_AGE": 300,
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": POLICY},
        "X_FRAME_OPTIONS": "DENY",
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "USE_I18N": True,
        "LANGUAGE_CODE": "en",
        "LANGUAGES": [("en", "English"), ("it", "Italiano")],
        "LOCALE_PATHS": [HERE / "locale"],
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "APPEND_SLASH": True,
        "LOGGING": _LOGGING,
    }


_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "ERROR"}},
}
