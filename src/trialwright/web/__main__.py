"""``python -m trialwright.web``: serve one home folder. Exits with 2 where it cannot start."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from trialwright.web.options import OptionsError, parse_options


def main() -> int:
    """Start, or say in a sentence why not."""
    try:
        options = parse_options(sys.argv[1:])
    except OptionsError as error:
        print(error, file=sys.stderr)
        return 2
    missing = [name for name in ("django", "csp", "whitenoise") if find_spec(name) is None]
    if missing:
        print(f"The web pages need {', '.join(missing)}. Try: pip install 'trialwright[web]'", file=sys.stderr)
        return 2
    from trialwright.web.serving import CannotListenError, serve

    try:
        serve(options)
    except CannotListenError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
