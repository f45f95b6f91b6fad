// The room's loudspeaker: an AudioContext with the playback worklet.

import { resume } from "./audio-context.js";
import { within } from "./deadline.js";

const RATE = 24_000;
const PULSE_MS = 1000;
const STILL_LOOKS = 2;
const FETCH_MS = 10_000;

/**
 * `context` (an AudioContext) and `createNode(context, "playback")` are the browser's; `worklet` is its URL;
 * `decode(bytes)` gives a recording as 24 kHz samples (-1..1). `on` as in player.js, plus `on.blocked(is)` while the
 * browser blocks sound and `on.failed()` once when it cannot play any more: the worklet broke, the context was
 * closed, or it reports "running" while its clock does not advance (Safari after a phone call).
 */
export async function openSound({ context, worklet, createNode, createPlayer, decode, timers, fetch, on }) {
  await context.audioWorklet.addModule(worklet);
  const node = createNode(context);
  node.connect(context.destination);
  const player = createPlayer({ context, node, timers, on });

  let blocked = false;
  function tell() {
    const now = player.playing() !== null && player.blocked();
    if (now === blocked) return;
    blocked = now;
    on.blocked(blocked);
  }

  function changed() {
    if (context.state === "closed") fail();
    else tell();
  }

  let loading = null; // the latest request of playRest, until it is superseded

  let failed = false;
  function fail() {
    if (failed) return;
    failed = true;
    on.failed?.();
  }

  let last = null; // the context's time at the last look
  let still = 0; // consecutive looks at which it had not advanced
  const pulse = timers.setInterval(() => {
    const stands = player.playing() !== null && context.state === "running" && last === context.currentTime;
    last = context.currentTime ?? null;
    still = stands ? still + 1 : 0;
    if (still === STILL_LOOKS) fail();
  }, PULSE_MS);

  node.addEventListener?.("processorerror", fail); // Chromium does not call `onprocessorerror`
  context.addEventListener("statechange", changed);

  return {
    ...player,
    begin(sequence, skipMs) {
      player.begin(sequence, skipMs);
      // A resumed context may take a moment to report it.
      timers.setTimeout(tell, 250);
    },

    unlock() {
      resume(context);
      tell();
    },

    stop() {
      loading = null;
      return player.stop();
    },

    /**
     * Play the rest of a stored line after the frames already received, or from `fromMs`. Rejects if the recording cannot be loaded.
     * Whatever is stopped, begun or requested meanwhile supersedes it.
     */
    async playRest(sequence, url, fromMs) {
      const mine = {};
      loading = mine;
      if (player.playing() !== sequence) this.begin(sequence, fromMs);
      const isStale = () => mine !== loading || player.playing() !== sequence;
      let samples;
      try {
        samples = await within(FETCH_MS, () => samplesAt(url), { timers });
      } catch (error) {
        if (isStale()) return;
        throw error;
      }
      if (isStale()) return;
      const from = Math.round((player.receivedMs() / 1000) * RATE);
      player.append(sequence, toInt16(samples.subarray(Math.min(from, samples.length))));
      player.finish(sequence);
    },

    close() {
      failed = true;
      loading = null;
      timers.clearInterval(pulse);
      context.removeEventListener("statechange", changed);
      node.removeEventListener?.("processorerror", fail);
      node.disconnect();
      node.port.onmessage = null;
    },
  };

  async function samplesAt(url) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`recording answered ${answer.status}`);
    return decode(await answer.arrayBuffer());
  }
}

function toInt16(samples) {
  return Int16Array.from(samples, (value) => Math.max(-32768, Math.min(32767, Math.round(value * 32768))));
}
