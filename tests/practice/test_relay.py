"""A reply on its way to its sockets, in this process and in another."""

from coach import redis_links
from coach.config import config
from practice.turns.events import Fact, ReplyFinished, ReplyStarted, TextSpoken
from practice.turns.feed import Feed
from practice.turns.relay import Relay


def said(*facts: Fact) -> Feed:
    feed = Feed()
    for fact in facts:
        feed.put(fact)
    feed.close()
    return feed


async def test_nothing_follows_the_last_fact_of_a_reply() -> None:
    feed = said(ReplyStarted(), ReplyFinished(), TextSpoken("One more thing."))
    assert [fact async for fact in feed.follow()] == [ReplyStarted(), ReplyFinished()]


async def test_who_joins_after_a_takeover_hears_only_what_was_said_anew(redis_server: None) -> None:
    redis = redis_links.connect(config.redis_url)
    try:
        relay = Relay(redis)
        whole = (ReplyStarted(), TextSpoken("I know, it is late."), ReplyFinished())
        await relay.copy("a turn", said(ReplyStarted(), TextSpoken("I know, it")))
        await relay.copy("a turn", said(*whole))
        assert [fact async for fact in relay.follow("a turn", until=lambda: False)] == list(whole)
    finally:
        await redis.aclose()
