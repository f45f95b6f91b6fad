"""How a reply reaches its sockets, in this process and in others."""

from coach import redis_links
from coach.config import config
from practice.turns.events import AudioSpoken, Fact, ReplyFinished, ReplyStarted, TextSpoken
from practice.turns.feed import Feed
from practice.turns.relay import Relay
from tests.practice.running_web import RunningWeb


def said(*facts: Fact) -> Feed:
    feed = Feed()
    for fact in facts:
        feed.put(fact)
    feed.close()
    return feed


async def test_a_feed_ends_with_the_last_fact_of_its_reply() -> None:
    feed = said(ReplyStarted(), ReplyFinished(), TextSpoken("One more thing."))
    assert [fact async for fact in feed.follow()] == [ReplyStarted(), ReplyFinished()]


async def test_a_socket_that_joins_after_a_takeover_hears_only_the_second_reply(redis_server: None) -> None:
    redis = redis_links.connect(config.redis_url)
    try:
        relay = Relay(redis)
        whole = (ReplyStarted(), TextSpoken("I know, it is late."), ReplyFinished())
        await relay.copy("a turn", said(ReplyStarted(), TextSpoken("I know, it")))
        await relay.copy("a turn", said(*whole))
        assert [
            fact async for fact in relay.follow("a turn", ask=lambda turn_id: None, until=lambda turn_id: False)
        ] == list(whole)
    finally:
        await redis.aclose()


async def test_a_reply_is_copied_to_redis_only_if_another_process_has_a_listener(web: RunningWeb) -> None:
    web.fake.answer("roleplay", text=["Hi Sam. ", "Yes?"], audio_ms=400, hold="the rest", hold_at=3)
    redis = redis_links.connect(config.redis_url)
    try:
        async with web.socket(await web.started()) as talker:
            turn_id = (await talker.hear("ai_text"))["turnId"]
            assert not [key for key in await redis.keys("practice:reply:*") if turn_id in str(key)]
            elsewhere = Relay(redis).follow(turn_id, ask=web.runtime.runner.relay, until=lambda turn_id: False)
            heard = [await anext(elsewhere)]
            web.fake.release("the rest")
            heard += [fact async for fact in elsewhere]
            await talker.reply(0)
        assert b"".join(fact.pcm for fact in heard if isinstance(fact, AudioSpoken)) == talker.sound[0]
        assert (heard[0], heard[-1]) == (ReplyStarted(), ReplyFinished())
    finally:
        await redis.aclose()
