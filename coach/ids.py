"""Ids of records: opaque, globally unique strings, so that records can move between stores."""

import uuid


def new_id() -> str:
    return uuid.uuid4().hex
