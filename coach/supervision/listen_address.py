"""Opens a socket to listen on, or says in one sentence why not.

The bootstrap calls this before anything is installed, so it imports only Python's standard library.
"""

import errno
import socket

BACKLOG = 512


class AddressRefused(Exception):
    """`str()` is one sentence for the operator."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that other processes may share. Raises AddressRefused."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, OverflowError):
        raise AddressRefused(
            f"There is no address {host}:{port} on this machine: choose another --host or --port."
        ) from None
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reasons = {
            errno.EADDRINUSE: f"Port {port} on {host} is taken by another program: choose another with --port.",
            errno.EACCES: f"Port {port} needs root: choose one above 1023 with --port.",
            errno.EADDRNOTAVAIL: f"This machine does not have the address {host}: choose another --host.",
        }
        words = reasons.get(error.errno or 0, f"{host}:{port} cannot be opened: {error.strerror}.")
        raise AddressRefused(words) from None
    listener.setblocking(False)
    return listener
