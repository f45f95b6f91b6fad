"""httpx over our own asyncio connections, with TLS and without; faults raise httpx's own exceptions."""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from coach.providers.asyncio_connections import UNREAD_BYTES, AsyncioTransport

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
LONG = bytes(range(256)) * (8 * UNREAD_BYTES // 256)
LINGERS = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"


@asynccontextmanager
async def answering(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[int]]]:
    """The address of a server that answers every request so, and how many requests each connection has carried."""
    carried: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(carried)
        carried.append(0)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                carried[number] += 1
                await answer(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/", carried


def client(**options: object) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=AsyncioTransport(**options), timeout=httpx.Timeout(20, read=2))


async def long(writer: asyncio.StreamWriter) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(LONG)}\r\n\r\n".encode() + LONG)
    await writer.drain()


async def short(writer: asyncio.StreamWriter) -> None:
    writer.write(LINGERS + b"right")


@pytest.fixture(scope="module")
def own_authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS context, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a model")])
    begins = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "certificate.pem").write_bytes(pem)
    unlocked = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked)
    (folder / "key.pem").write_bytes(private)
    return _server_context(folder), ssl.create_default_context(cadata=pem.decode())


def _server_context(folder: Path) -> ssl.SSLContext:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return server


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
async def test_a_long_answer_read_slowly_is_complete_and_the_connection_is_reused(encrypted, own_authority):
    server, trusting = own_authority
    async with answering(long, server if encrypted else None) as (address, carried), client(verify=trusting) as http:
        for _ in range(2):
            body = bytearray()
            async with http.stream("GET", address) as response:
                await asyncio.sleep(0.05)  # meanwhile more arrives than is kept
                async for piece in response.aiter_raw():
                    body += piece
            assert body == LONG
    assert carried == [2]


async def test_an_untrusted_certificate_is_refused(own_authority):
    async with answering(short, own_authority[0]) as (address, _), client() as http:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await http.get(address)


@pytest.mark.parametrize(
    "unasked", [b"", b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"], ids=["", "spoke"]
)
async def test_a_connection_is_not_reused_after_the_server_closed_it_or_sent_unrequested_data(unasked):
    writers = []

    async def answer(writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await short(writer)

    async with answering(answer) as (address, carried), client() as http:
        for number in range(3):
            assert (await http.get(address)).text == "right"
            if unasked:
                writers[number].write(unasked)
            else:
                writers[number].close()
            (kept,) = http._transport._pool.connections
            async with asyncio.timeout(20):
                while not kept.has_expired():  # noqa: ASYNC110 (nothing tells of it)
                    await asyncio.sleep(0.01)
    assert carried == [1, 1, 1]


async def test_faults_raise_the_exceptions_of_httpx():
    async def breaks(writer: asyncio.StreamWriter) -> None:
        writer.write(LINGERS + b"ri")
        await writer.drain()
        writer.transport.abort()

    async def stops(writer: asyncio.StreamWriter) -> None:
        writer.write(LINGERS + b"ri")

    async with answering(breaks) as (address, _), client() as http:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await http.get(address)
    async with answering(stops) as (address, _), client() as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.get(address, timeout=0.1)
    async with client() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(address)  # nobody listens there any more
