"""Serves static files, also under the names they have in another release.

While web processes are replaced a page of one release asks a process of the other for its files, and a page that stays
open asks for modules when they are needed.
"""

import re

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

HASHED = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")


class StaticFilesOfAnyRelease(WhiteNoiseMiddleware):
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(self.static_prefix) and not self._file(path) and HASHED.search(path):
            ours = self.get_static_url(HASHED.sub("", path).removeprefix(self.static_prefix))
            if ours and (file := self._file(ours)):
                answer = self.serve(file, request)
                # Under this name the browser would keep it for ever.
                answer["Cache-Control"] = "no-store"
                return answer
        return super().__call__(request)

    def _file(self, path: str):  # type: ignore[no-untyped-def]  # whitenoise has no types
        return self.find_file(path) if self.autorefresh else self.files.get(path)
