"""A real S3-compatible store for tests: OpenStack Swift with its S3 API, on loopback, without replication.

with object_store.running() as store:
    store.settings          # AUDIO_STORE, S3_*, AWS_*: what the coach needs to keep audio there
    store.keys()            # what the bucket holds
"""

import contextlib
import getpass
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests import ports

BUCKET = "practice-audio"
START_SECONDS = 60.0
SERVERS = ("account", "container", "object", "proxy")

_EVERY = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
"""

_STORAGE = """
[pipeline:main]
pipeline = {server}-server
[app:{server}-server]
use = egg:swift#{server}
"""

_PROXY = """
[pipeline:main]
pipeline = catch_errors listing_formats s3api tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
allow_multipart_uploads = false
[filter:tempauth]
use = egg:swift#tempauth
user_coach_tests = a-secret-of-the-tests .admin
"""

_RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *servers = sys.argv[1:]
for server in servers:
    name, port = server.split(":")
    ring = RingBuilder(2, 1, 0)
    where = {"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "disk", "weight": 1}
    ring.add_dev(where)
    ring.rebalance()
    ring.get_ring().save(f"{folder}/{name}.ring.gz")
"""


@dataclass(frozen=True)
class ObjectStore:
    endpoint: str

    @property
    def settings(self) -> dict[str, str]:
        return {
            "AUDIO_STORE": "s3",
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "coach:tests",
            "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-tests",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def client(self) -> Any:
        given = self.settings
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            region_name=given["AWS_DEFAULT_REGION"],
        )

    def keys(self) -> set[str]:
        """All of them; one answer lists at most a thousand."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}


@contextlib.contextmanager
def running() -> Iterator[ObjectStore]:
    """Run the store with an empty bucket; everything is deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="coach-s3-"))
    port_of = {server: ports.reserved() for server in SERVERS}
    (folder / "devices" / "disk").mkdir(parents=True)
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = coach-tests\n")
    rings = [f"{server}:{port}" for server, port in port_of.items() if server != "proxy"]
    subprocess.run([sys.executable, "-c", _RINGS, folder, *rings], check=True)
    processes = []
    try:
        for server, port in port_of.items():
            file = folder / f"{server}.conf"
            part = _PROXY if server == "proxy" else _STORAGE.format(server=server)
            file.write_text(_EVERY.format(port=port, user=getpass.getuser(), folder=folder) + part)
            program = Path(sys.executable).with_name(f"swift-{server}-server")
            with (folder / f"{server}.log").open("wb") as log:
                processes.append(subprocess.Popen([program, file, "-v"], stdout=log, stderr=log, cwd=folder))
        for server, port in port_of.items():
            _await(port, folder / f"{server}.log")
        store = ObjectStore(f"http://127.0.0.1:{port_of['proxy']}")
        store.client().create_bucket(Bucket=BUCKET)
        yield store
    finally:
        for process in processes:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _await(port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert time.monotonic() < deadline, log.read_text(errors="replace")[-2_000:]
        time.sleep(0.05)
