"""What the room shows in each state: the talk button, silence, empty lines, typing on a phone, captions and speed."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.devices import PHONE
from tests.browser.driver import Room
from tests.browser.test_room import OPENING, tone
from tests.browser.test_room_looks import Script
from tests.stack import Stack

Visit = Callable[..., Room]
SILENCE = """{
  const ask = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (...given) {
    const stream = await ask.apply(this, given);
    stream.getAudioTracks()[0].enabled = false;
    return stream;
  };
}"""
COUNT_SAMPLES = """{
  globalThis.samples = 0;
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (message, ...more) {
    if (message?.type === 'samples') samples += message.pcm.length;
    return post.call(this, message, ...more);
  };
}"""
SPEAKING = "document.querySelector('.stage').dataset.scene === 'speaking'"
FACE = "getComputedStyle(document.querySelector('.talk-face')).backgroundColor"
YOU = """(() => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'var(--you)';
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
})()"""


def test_the_talk_button_looks_different_in_each_state(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(3000), hold="opening")
    room = visit().enter()
    room.wait_for("opening")
    expect(room.page.locator(".talk-dots")).to_be_visible()
    coach.fake.release("opening")
    # In one look: the reply is over after three seconds.
    room.page.wait_for_function(f"() => {SPEAKING} && {FACE} !== {YOU}")
    room.wait_for("yours")
    room.page.wait_for_function(f"() => {FACE} === {YOU}")
    room.page.keyboard.down(" ")
    room.recorded(1)
    expect(room.page.locator(".talk-wave")).to_be_visible()
    assert room.page.locator(".talk-wave > span").count() == 24
    heights = "[...document.querySelectorAll('.talk-wave > span')].map((bar) => bar.style.getPropertyValue('--height'))"
    room.page.wait_for_function(f"() => new Set({heights}).size > 3")
    room.page.keyboard.press("Escape")
    room.page.keyboard.up(" ")


def test_a_silent_recording_is_pointed_out_and_sent_only_on_request(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit()
    room.page.add_init_script(SILENCE)
    room.enter()
    room.wait_for("yours")
    room.page.keyboard.down(" ")
    expect(room.page.locator("[data-hint]")).to_contain_text("We can't hear you")
    room.page.keyboard.up(" ")
    room.wait_for("quiet")
    room.expect_notice("There seems to be no speech in this recording")
    assert room.frames("turn_end", sent=True) == []
    room.press("Record again")
    room.wait_for("yours")
    room.speak()
    room.wait_for("quiet")
    room.press("Send it anyway")
    room.page.wait_for_selector("#turn-2")
    assert len(room.frames("turn_end", sent=True)) == 1


def test_a_line_without_words_says_so(visit: Visit) -> None:
    room = visit()
    script = Script(room)
    room.enter()
    script.session = room.stored()["session"]
    script.line(0, OPENING)
    script.line(1, "")
    script.line(2, "Pardon?")
    script.snapshot()
    room.expect_line(1, "No words were recognised")


def test_typing_has_the_whole_width_of_a_phone(visit: Visit) -> None:
    room = visit(PHONE).enter()
    room.wait_for("yours")
    room.press("Type instead")
    for width in (320, 360):
        room.page.set_viewport_size({"width": width, "height": 640})
        field = room.page.locator("#composer-words").bounding_box()
        assert field
        assert field["width"] >= width - 48
        send = room.page.locator("[data-composer-send]").bounding_box()
        assert send
        assert send["y"] >= field["y"] + field["height"]
    room.expect_state("type your reply")


TOUCHING = """() => {
  const shown = [...document.querySelectorAll('.stage button, .stage textarea, .stage-person, .stage-scene')]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1);
  const boxes = shown.map((one) => [one, one.getBoundingClientRect()]);
  const near = [];
  for (const [one, a] of boxes) for (const [other, b] of boxes) {
    if (one === other || one.contains(other) || other.contains(one)) continue;
    if (one.closest('.stop') && one.closest('.stop') === other.closest('.stop')) continue;
    const apart = Math.max(b.left - a.right, a.left - b.right, b.top - a.bottom, a.top - b.bottom);
    if (apart < 4) near.push(`${one.className} ${other.className} ${apart}`);
  }
  return [...near, ...(document.documentElement.scrollWidth > 320 ? ['scrolls sideways'] : [])];
}"""


def test_nothing_touches_on_the_narrowest_phone(visit: Visit) -> None:
    room = visit({**PHONE, "viewport": {"width": 320, "height": 568}}).enter()
    room.wait_for("yours")
    assert room.page.evaluate(TOUCHING) == [], "talking"
    room.press("Type instead")
    room.expect_state("type your reply")
    assert room.page.evaluate(TOUCHING) == [], "typing"


def test_captions_can_be_switched_off_and_stay_off(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit().enter()
    room.wait_for("yours")
    room.press("Sound, captions and coaching")
    room.page.locator("input[name=captions]").uncheck()
    expect(room.page.locator("#turn-0 [data-words]")).to_be_hidden()
    room.expect_line(0, "Captions are off.")
    room.page.reload()
    room.wait_for("yours")
    expect(room.page.locator("#turn-0 [data-words]")).to_be_hidden()


def test_slower_speech_takes_longer_and_is_played_to_its_end(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(2000), hold="opening")
    room = visit()
    room.page.add_init_script("localStorage.setItem('room-choices', JSON.stringify({captions: true, slower: true}))")
    room.page.add_init_script(COUNT_SAMPLES)
    room.enter()
    room.wait_for("opening")
    coach.fake.release("opening")
    room.wait_for("yours")
    assert len(room.sound_of(0)) == 2 * 48_000
    assert 1.15 < room.page.evaluate("samples") / 48_000 < 1.2
    assert [one["sequence"] for one in room.frames("playback_ended", sent=True)] == [0]
