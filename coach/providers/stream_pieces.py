"""TextAssembler and sound out of the pieces in which a stream brings them, which break anywhere."""

import base64
import binascii

from coach.audio.encode import SampleSplitter


class TextAssembler:
    """Text without half characters: a UTF-16 pair split over two pieces is joined; other halves and NUL go."""

    def __init__(self) -> None:
        self._high = ""

    def feed(self, piece: str) -> str:
        text, self._high = self._high + piece, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        return clean(text)


def clean(text: str) -> str:
    """Text that any database and encoder takes."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")


class PcmAssembler:
    """Whole PCM samples out of base64 pieces, each padded for itself or one text cut anywhere."""

    def __init__(self) -> None:
        self._rest = ""
        self._samples = SampleSplitter()

    def feed(self, piece: str) -> bytes:
        """Samples complete with this piece. Raises ValueError for what is not base64."""
        text = self._rest + piece
        whole = len(text) - len(text) % 4
        text, self._rest = text[:whole], text[whole:]
        try:
            return self._samples.feed(base64.b64decode(text, validate=True))
        except binascii.Error as error:
            raise ValueError("not base64") from error
