// The page's loudspeaker: one AudioContext with the playback worklet, made ready while frames may already arrive.

const RATE = 24_000;

/**
 * `context` (an AudioContext) and `createNode(context, "playback")` are the browser's; `worklet` is the worklet's address;
 * `decode(bytes)` gives a recording as 24 kHz samples (-1..1).
 * `on` as for player.js, and `on.blocked(is)` as the browser holds sound back or lets it go.
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
  context.addEventListener("statechange", tell);

  return {
    ...player,
    begin(sequence, skipMs) {
      player.begin(sequence, skipMs);
      // A context that was just resumed may need a moment to say so.
      timers.setTimeout(tell, 250);
    },

    async unlock() {
      await player.unlock();
      tell();
    },

    /** Play the rest of a stored line behind what frames already brought, or from `fromMs` on. Rejects where the recording cannot be had. */
    async playRest(sequence, url, fromMs) {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(`recording answered ${answer.status}`);
      const samples = await decode(await answer.arrayBuffer());
      if (player.playing() !== sequence) this.begin(sequence, fromMs);
      const from = Math.round((player.receivedMs() / 1000) * RATE);
      player.append(sequence, toInt16(samples.subarray(Math.min(from, samples.length))));
      player.finish(sequence);
    },

    close() {
      context.removeEventListener("statechange", tell);
      node.disconnect();
      node.port.onmessage = null;
    },
  };
}

function toInt16(samples) {
  return Int16Array.from(samples, (value) => Math.max(-32768, Math.min(32767, Math.round(value * 32768))));
}
