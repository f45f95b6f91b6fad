"""Lengths of time as every page writes them."""


def clock_face(seconds: float | None) -> str:
    """How long something took: 2:34, from an hour on 1:02:34; 0:00 where it is not known."""
    minutes, rest = divmod(max(0, round(seconds or 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
