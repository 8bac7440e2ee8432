"""Over real sockets of this machine: what only a socket can do wrong."""

import gzip
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.wire.errors import Misconfigured, Transient
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Request
from integrations.wire.session import Session

Serve = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(serve: Serve, context: ssl.SSLContext | None = None) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            serve(self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def session_to(port: int, **options: object) -> Iterator[Session]:
    session = Session(HostPolicy((), (f"127.0.0.1:{port}",)), sleep=lambda _: None, **options)  # type: ignore[arg-type]
    try:
        yield session
    finally:
        session.close()


def answer(handler: BaseHTTPRequestHandler, body: bytes, **headers: str) -> None:
    handler.send_response(200)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def test_connection_is_kept_alive() -> None:
    ports: list[int] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        ports.append(handler.client_address[1])
        answer(handler, b"{}")

    with serving(serve) as port, session_to(port) as session:
        for _ in range(3):
            session.send(Request("GET", f"http://127.0.0.1:{port}/"))

    assert len(ports) == 3
    assert len(set(ports)) == 1


def test_cookies_do_not_come_back() -> None:
    heard: list[str | None] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        heard.append(handler.headers["Cookie"])
        answer(handler, b"{}", Set_Cookie="BrowserId=abc; path=/")

    with serving(serve) as port, session_to(port) as session:
        for _ in range(2):
            session.send(Request("GET", f"http://127.0.0.1:{port}/"))

    assert heard == [None, None]


@pytest.mark.requirement("F7", "F8")
@pytest.mark.parametrize("length", ["100", "chunked"])
def test_answer_cut_short_is_fetched_again(length: str) -> None:
    tries: list[int] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        tries.append(1)
        if len(tries) > 2:
            return answer(handler, b'{"ok": true}')
        handler.send_response(200)
        handler.send_header(*(("Transfer-Encoding", length) if length == "chunked" else ("Content-Length", length)))
        handler.end_headers()
        handler.wfile.write(b'40\r\n{"ok": ' if length == "chunked" else b'{"ok": ')
        handler.close_connection = True
        return None

    with serving(serve) as port, session_to(port) as session:
        reply = session.send(Request("GET", f"http://127.0.0.1:{port}/"))

    assert (reply.json(), len(tries)) == ({"ok": True}, 3)


def test_small_answer_that_unpacks_large_is_dropped() -> None:
    bomb = gzip.compress(b" " * 30_000_000)

    with (
        serving(lambda handler: answer(handler, bomb, Content_Encoding="gzip")) as port,
        session_to(port, largest_body=1_000_000) as session,
        pytest.raises(Misconfigured) as caught,
    ):
        session.send(Request("GET", f"http://127.0.0.1:{port}/"))

    assert (len(bomb) < 100_000, caught.value.code) == (True, "ANSWER_TOO_LARGE")


@pytest.mark.requirement("F4")
def test_closed_port_counts_as_never_sent() -> None:
    with serving(lambda handler: None) as port:
        pass

    with session_to(port, max_wait=0) as session, pytest.raises(Transient) as caught:
        session.send(Request("POST", f"http://127.0.0.1:{port}/", json={}))

    assert (caught.value.code, caught.value.sent) == ("NO_CONNECTION", False)


@pytest.mark.requirement("F4")
def test_unknown_authority_is_refused_until_it_is_added(tmp_path: Path) -> None:
    ca_file, context = own_authority(tmp_path)
    calls: list[str] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        calls.append(handler.path)
        answer(handler, b"{}")

    with serving(serve, context) as port:
        request = Request("GET", f"https://127.0.0.1:{port}/")
        with session_to(port) as stranger, pytest.raises(Misconfigured) as caught:
            stranger.send(request)
        with session_to(port, ca_file=str(ca_file)) as friend:
            reply = friend.send(request)

    assert (caught.value.code, stranger.calls, reply.status, calls) == ("TLS_UNTRUSTED", 1, 200, ["/"])


def test_missing_authority_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        Session(HostPolicy(()), ca_file=str(tmp_path / "missing.pem"))

    assert caught.value.code == "CA_FILE"


def test_environment_cannot_reroute_or_sign_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    heard: list[str | None] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        heard.append(handler.headers["Authorization"])
        answer(handler, b"{}")

    with serving(serve) as port, session_to(port, max_wait=0) as session:
        session.send(Request("GET", f"http://127.0.0.1:{port}/"))

    assert heard == [None]


def own_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1, signed by an authority that nobody knows."""
    now = datetime.now(UTC)
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Aldervale test authority")])

    def builder(subject: x509.Name) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )

    ca = (
        builder(ca_name)
        .public_key(ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    leaf = (
        builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "practice")]))
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    ca_file, leaf_file = folder / "ca.pem", folder / "leaf.pem"
    ca_file.write_bytes(ca.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    leaf_file.write_bytes(private + leaf.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf_file)
    return ca_file, context
