"""In a pause of a hands-free turn, the server answers whether the trainee has finished."""

from tests.practice.running_web import RunningWeb

SOUND = b"\xff" * 500


class Ears:
    """An EndOfTurnModel; `heard` records the audio it was asked about."""

    def __init__(self, probability: float | None) -> None:
        self.probability = probability
        self.heard: list[bytes] = []

    async def finished(self, mp3: bytes) -> float | None:
        self.heard.append(mp3)
        return self.probability


async def test_a_pause_is_answered_from_what_was_uploaded(web: RunningWeb) -> None:
    ears = web.runtime.end_of_turn = Ears(0.91)
    async with web.socket(await web.started()) as talker:
        await talker.reply(0)
        await talker.upload(1, SOUND, piece=len(SOUND))
        await talker.send("turn_pause", sequence=1)
        assert (await talker.hear("end_of_turn"))["probability"] == 0.91
    assert ears.heard == [SOUND]


async def test_without_a_model_an_answer_or_the_turn_nothing_is_sent(web: RunningWeb) -> None:
    ears = Ears(None)
    async with web.socket(await web.started()) as talker:
        await talker.reply(0)
        await talker.send("turn_pause", sequence=1)
        await talker.upload(1, SOUND, piece=len(SOUND))
        await talker.send("turn_pause", sequence=1)
        await talker.send("ping", clientTime=1)
        await talker.hear("pong")
        web.runtime.end_of_turn = ears
        await talker.send("turn_pause", sequence=3)
        await talker.send("turn_pause", sequence=1)
        await talker.send("ping", clientTime=2)
        await talker.hear("pong", clientTime=2)
        assert "end_of_turn" not in talker.types()
        assert "error" not in talker.types()
    assert len(ears.heard) <= 1
