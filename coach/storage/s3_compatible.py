"""django-storages' S3 backend for any S3-compatible store: boto3's defaults suit Amazon's own only."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

CONNECT_SECONDS = 5
READ_SECONDS = 20
TRIES = 2


class S3CompatibleStorage(S3Storage):
    """Sends checksums only where S3 demands them, and gives a store that is away up soon: somebody may be waiting.

    Since 1.36 boto3 adds a checksum to every upload, over TLS in a chunked body, which Alibaba Cloud OSS, Huawei OBS,
    Google Cloud Storage and older Ceph refuse (https://github.com/boto/boto3/issues/4400); it would try five times for
    a minute each.
    """

    def __init__(self, *, addressing_style: str, **options: Any) -> None:
        config = Config(
            s3={"addressing_style": addressing_style},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": TRIES},
        )
        super().__init__(client_config=config, **options)
