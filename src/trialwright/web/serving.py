"""Listens and answers: gunicorn where it is installed, else the standard library's server. Says what stands in the way."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from socketserver import ThreadingMixIn
from types import FrameType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from trialwright.web.options import LOOPBACK, Options

THREADS = 4


class CannotListenError(Exception):
    """The address cannot be taken; the message says why and what to try."""


def listen(options: Options) -> socket.socket:
    """Take the address.

    Raises:
        CannotListenError: The port is in use or not allowed, or the host is not this computer's.
    """
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((options.host, options.port))
        taken.listen(128)
    except OSError as error:
        taken.close()
        raise CannotListenError(_why(error, options)) from error
    return taken


def _why(error: OSError, options: Options) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {options.port} is in use already. Try --port {options.port + 1 if options.port < 65535 else 8000}, "
                "or --port 0 for any that is free; or stop the program that listens there."
            )
        case errno.EACCES:
            return f"Port {options.port} may not be taken by this user. Try one above 1023, such as --port 8000."
        case _:
            return f"{options.host} is no address of this computer ({error.strerror or error}). Try --host 127.0.0.1."


def host_names(options: Options) -> list[str]:
    """The names under which visitors may call: loopback's always, the host's own, and those that were given."""
    own = [] if options.local else [socket.gethostname(), socket.getfqdn(), *_addresses()]
    given = [] if options.host in ("", "0.0.0.0", "::") else [options.host]  # noqa: S104 - compared, not bound
    names = [*LOOPBACK, *given, *own, *options.names]
    return [f"[{name}]" if ":" in name else name for name in dict.fromkeys(names) if name]


def _addresses() -> list[str]:
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None)})
    except OSError:
        return []


def serve(options: Options) -> None:
    """Answer until told to stop.

    Raises:
        CannotListenError: As ``listen``; nothing was started.
    """
    from trialwright.web.settings import configure

    taken = listen(options)
    options = replace(options, port=taken.getsockname()[1])
    configure(options.home, host_names(options), os.urandom(32).hex())
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    _announce(options)
    if find_spec("gunicorn") is not None and sys.platform != "win32":
        _with_gunicorn(application, taken, options.processes)
    else:
        _with_standard_library(application, taken)


def _announce(options: Options) -> None:
    print(f"Trialwright serves {options.home}, read-only, at {options.address}/", flush=True)
    if options.open_path:
        where = f"{options.address}{options.open_path}"
        print(f"Open {where}", flush=True)
        if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            threading.Timer(0.8, webbrowser.open, [where]).start()
    if not options.local:
        print("Other computers can read the public pages and simulated trials; the rest is shown on this computer only.")
    print("Ctrl+C stops it.", flush=True)


def _warm() -> None:
    """Open what will be asked for first, so that the first reader does not wait for it."""
    from trialwright.web.portal.catalogue import studies
    from trialwright.web.portal.views import warm
    from trialwright.web.workspace.estimate import estimate_page
    from trialwright.web.workspace.folder import Room, open_room, rooms
    from trialwright.web.workspace.review import reviewed

    studies()
    warm()
    for one in rooms(owner=True):
        room = open_room(one.folder)
        if isinstance(room, Room):
            estimate_page(room, {})
            reviewed(one.folder)


def _with_gunicorn(application: Callable[..., Any], taken: socket.socket, processes: int) -> None:
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # it ships no types

    chosen = {
        "bind": f"fd://{taken.fileno()}",
        "workers": processes,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 120,
        "graceful_timeout": 5,
        "limit_request_line": 8190,  # the most that gunicorn bounds; a longer address is answered with 400
        "loglevel": "warning",
        "control_socket_disable": True,
        "forwarded_allow_ips": "",
        "proc_name": "trialwright-web",
        "post_worker_init": lambda _worker: threading.Thread(target=_warm, daemon=True).start(),
    }

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
        def load_config(self) -> None:
            for name, value in chosen.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Callable[..., Any]:
            return application

    Server().run()


class _ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Say nothing of each request."""


def _with_standard_library(application: Callable[..., Any], taken: socket.socket) -> None:
    host, port = taken.getsockname()[:2]
    server = _ThreadingServer((host, port), _QuietHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = taken
    server.server_name, server.server_port = host, port
    server.setup_environ()
    server.set_app(application)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    threading.Thread(target=_warm, daemon=True).start()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with server:
        server.serve_forever(poll_interval=0.2)
