"""The transport: connections are made to addresses that were checked, and to nothing that a name turns into later."""

import socket
import ssl
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection
from urllib3.util.ssl_ import create_urllib3_context

from .errors import Misconfigured
from .hosts import HostPolicy


class GuardedAdapter(HTTPAdapter):
    def __init__(self, policy: HostPolicy, ca_file: str = "") -> None:
        self._policy = policy
        self._trust = trust(ca_file)
        super().__init__(pool_connections=4, pool_maxsize=4)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._trust, **kwargs)
        self.poolmanager.pool_classes_by_scheme = pools(self._policy)


def trust(ca_file: str) -> ssl.SSLContext:
    """Verifies always; requests adds the public authorities (certifi) to this context on every connection."""
    context = create_urllib3_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:
            raise Misconfigured("CA_FILE", f"The file of extra authorities cannot be read: {error}") from None
    return context


def pools(policy: HostPolicy) -> dict[str, type[HTTPConnectionPool]]:
    # urllib3 keys its pools by their arguments and takes none of ours: the policy rides on the classes.
    class PlainConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self, policy)

    class TlsConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self, policy)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": PlainPool, "https": TlsPool}


def connect(connection: HTTPConnection, policy: HostPolicy) -> socket.socket:
    """Resolves once, checks every answer, and connects to one of exactly these (rebinding finds no second look-up)."""
    addresses = resolve(connection)
    if not all(policy.may_connect(connection.host, connection.port, address) for address in addresses):
        raise Misconfigured("HOST_REFUSED", f"{connection.host} leads to a private address.", fields=("base_url",))
    failure: Exception | None = None
    for address in addresses:
        try:
            return create_connection(
                (address, connection.port), connection.timeout, connection.source_address, connection.socket_options
            )
        except TimeoutError as error:
            failure = ConnectTimeoutError(connection, f"Connecting to {connection.host} took too long")
            failure.__cause__ = error
        except OSError as error:
            failure = NewConnectionError(connection, f"No connection to {connection.host}: {error}")
    raise failure or NewConnectionError(connection, f"{connection.host} has no address")


def resolve(connection: HTTPConnection) -> list[str]:
    try:
        answers = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise NameResolutionError(connection.host, connection, reason) from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))
