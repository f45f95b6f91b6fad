"""Hashed file names where files were collected; plain names before that, so that a checkout works as it is."""

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedWhereCollected(CompressedManifestStaticFilesStorage):
    """Once `collectstatic` has written its manifest every file must be in it; without a manifest names stay plain."""

    def url(self, name: str | None, force: bool = False) -> str:
        if not self.hashed_files and not force:
            return StaticFilesStorage.url(self, name)
        return super().url(name, force)
