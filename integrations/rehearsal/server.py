"""One process, several practice systems: each on its own pair of ports, and the pages about all of them on one more."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from .certificates import certificate_files

LOOPBACK = "127.0.0.1"
logger = logging.getLogger(__name__)


class PortRefused(Exception):  # noqa: N818 (a sentence is raised to a person)
    """Taken, or no port at all."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port


@dataclass(frozen=True, slots=True)
class Mount:
    """A WSGI application and where it listens; no https port, no https."""

    name: str
    app: Any
    port: int
    https_port: int | None = None


class RehearsalServer:
    """Binds loopback only: a practice system has public passwords."""

    def __init__(self, mounts: Sequence[Mount], certificates: Path) -> None:
        self._servers: list[Server] = []
        for mount in mounts:
            self._servers.append(_server(mount.app, mount.port))
            if mount.https_port is not None:
                secure = _server(mount.app, mount.https_port)
                _, leaf, key = certificate_files(certificates)
                secure.ssl_adapter = BuiltinSSLAdapter(str(leaf), str(key))
                self._servers.append(secure)

    def start(self) -> list[int]:
        """Returns once every port is open, with the ports (0 asked for any free one)."""
        for place, server in enumerate(self._servers):
            try:
                server.prepare()
            except (OSError, OverflowError) as error:
                # Their threads would keep the process alive.
                _stop(self._servers[:place])
                raise PortRefused(server.bind_addr[1]) from error
            threading.Thread(target=server.serve, daemon=True).start()
        return [server.bind_addr[1] for server in self._servers]

    def stop(self) -> None:
        _stop(self._servers)


def _stop(servers: Sequence[Server]) -> None:
    stopping = [threading.Thread(target=server.stop) for server in servers]
    for thread in stopping:
        thread.start()
    for thread in stopping:
        thread.join()


class _LoggingServer(Server):
    expiration_interval = 0.1
    """How long stopping may take; cheroot looks for its end so often."""

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        # Connections that break on demand are the point here: no traceback of them.
        logger.log(min(level, logging.INFO), "%s", msg)


def _server(app: Any, port: int) -> Server:
    return _LoggingServer((LOOPBACK, port), app, numthreads=6, shutdown_timeout=1, timeout=30, request_queue_size=64)
