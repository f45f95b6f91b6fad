"""The ASGI entry point: HTTP goes to Django, sockets to Channels."""

import os
from typing import cast

import django
from channels.routing import ProtocolTypeRouter

from coach import quick_exit  # noqa: F401 (its exit handler is to run after all others)
from coach.telemetry import setup as telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")
telemetry.start("web")
django.setup(set_prefix=False)

from coach.edge import daphne  # noqa: E402
from coach.edge.charset import ReadableCharset  # noqa: E402
from coach.edge.drain_gate import Application, Gate  # noqa: E402
from coach.edge.lifespan import lifespan  # noqa: E402
from coach.edge.one_thread import OneThreadHandler  # noqa: E402
from coach.edge.origin import OriginValidator  # noqa: E402
from coach.edge.unmigrated import wait_for_migrations  # noqa: E402
from coach.routing import websockets  # noqa: E402
from practice import web_runtime  # noqa: E402

lifespan.on_start(wait_for_migrations)
lifespan.on_start(web_runtime.start)
lifespan.on_drain(web_runtime.drain)

daphne.install()
http = ReadableCharset(cast(Application, OneThreadHandler()))
application = Gate(ProtocolTypeRouter({"http": http, "websocket": OriginValidator(websockets)}), lifespan)
