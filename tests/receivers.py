"""Real receivers on this machine's loopback: a robot behind TLS, and a mail server."""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone


@dataclass
class Robot:
    """What was posted, and what is answered from now on."""

    port: int
    certificate: Path
    hits: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    status: int = 200
    answer: bytes = b'{"errcode": 0, "code": 0, "errmsg": "ok"}'
    location: str = ""

    def address(self, path: str = "/robot/send?key=a") -> str:
        return f"https://localhost:{self.port}{path}"


@contextmanager
def robot(folder: Path) -> Iterator[Robot]:
    """An HTTPS server that keeps what it gets."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    found = Robot(server.server_address[1], _certificate(folder))
    server.robot = found  # type: ignore[attr-defined]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(found.certificate, folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        robot: Robot = self.server.robot  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        robot.hits.append((self.path, json.loads(body)))
        self.send_response(robot.status)
        if robot.location:
            self.send_header("Location", robot.location)
        self.send_header("Content-Length", str(len(robot.answer)))
        self.end_headers()
        self.wfile.write(robot.answer)

    do_GET = do_POST  # noqa: N815

    def handle(self) -> None:
        try:
            super().handle()
        except (ssl.SSLError, ConnectionError):
            return

    def log_message(self, *_: object) -> None:
        return


def _certificate(folder: Path) -> Path:
    """For localhost, signed by itself; the path of the file that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(pem))
    return path


class _Box(MessageHandler):
    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.letters.append(message)


@dataclass
class MailServer:
    port: int
    letters: list[Message]


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    """An SMTP server that keeps what it gets."""
    box = _Box()
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    controller = Controller(box, hostname="127.0.0.1", port=port or _free_port())
    controller.start()
    try:
        yield MailServer(controller.port, box.letters)
    finally:
        controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
