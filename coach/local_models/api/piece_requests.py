"""Parses what a request for the vectors of pieces of turns asks for, once at the edge."""

from coach.local_models.api.chat_requests import BadRequest
from coach.local_models.sentence_vectors.turn_encoder import DividedTurn

MOST_TURNS = 64
MOST_PIECES = 1024  # in one turn


def read_divided_turns(body: object) -> tuple[tuple[DividedTurn, ...], str | None]:
    """The turns, and which layers are to read them. Raises BadRequest naming the field."""
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    turns = body.get("turns")
    if not isinstance(turns, list) or not 0 < len(turns) <= MOST_TURNS:
        raise BadRequest(f"turns must be a list of 1 to {MOST_TURNS}", "turns")
    layers = body.get("layers")
    if layers is not None and not isinstance(layers, str):
        raise BadRequest("layers must be a string", "layers")
    return tuple(_turn(turn, f"turns[{n}]") for n, turn in enumerate(turns)), layers


def _turn(turn: object, where: str) -> DividedTurn:
    if not isinstance(turn, dict):
        raise BadRequest("a turn is not an object", where)
    text, answered, pieces = turn.get("text"), turn.get("answered", ""), turn.get("pieces")
    if not isinstance(text, str):
        raise BadRequest("text must be a string", f"{where}.text")
    if not isinstance(answered, str):
        raise BadRequest("answered must be a string", f"{where}.answered")
    if not isinstance(pieces, list) or len(pieces) > MOST_PIECES:
        raise BadRequest(f"pieces must be a list of at most {MOST_PIECES}", f"{where}.pieces")
    return DividedTurn(
        text, answered, tuple(_piece(piece, len(text), f"{where}.pieces[{n}]") for n, piece in enumerate(pieces))
    )


def _piece(piece: object, characters: int, where: str) -> tuple[int, int]:
    # `true` is an int to Python.
    if not isinstance(piece, list) or [type(each) for each in piece] != [int, int]:
        raise BadRequest("a piece must be two whole numbers: where it starts and where it ends", where)
    start, end = piece
    if not 0 <= start < end <= characters:
        raise BadRequest("a piece must lie within the text and may not be empty", where)
    return start, end
