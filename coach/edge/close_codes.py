"""Why the server closes a socket: the codes that `/api/asyncapi.json` explains to clients."""

FLOOD = 4400
"""More messages than anybody can mean, or too many sockets on one session."""
SIGNED_OUT = 4401
GONE = 4404
"""No such session, another's, or erased meanwhile."""
NOT_READING = 4408
TOO_BIG = 4413
"""A frame over the limit."""
RESTARTING = 4503
"""This process ends or is not ready: connect again."""
