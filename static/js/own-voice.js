// Lets trainees hear themselves: keeps the microphone's last seconds in memory, through the same worklet that records a turn. Nothing leaves the page.

const KEPT_SECONDS = 5;

/** `node` is a "microphone" AudioWorkletNode on `context`, `createChannel` makes its MessageChannel. */
export function createOwnVoice({ context, node, createChannel }) {
  let blocks = [];
  let kept = 0; // samples
  let playing = null;

  const channel = createChannel();
  channel.port2.onmessage = ({ data }) => {
    if (data.type !== "samples" || playing !== null) return; // not its own echo
    blocks.push(data.samples);
    kept += data.samples.length;
    while (kept - blocks[0].length >= KEPT_SECONDS * context.sampleRate) kept -= blocks.shift().length;
  };
  node.port.postMessage({ type: "connect", port: channel.port1 }, [channel.port1]);
  node.port.postMessage({ type: "start", take: 1 });

  function stop() {
    if (playing === null) return;
    const { source, ended } = playing;
    playing = null;
    source.onended = null;
    source.stop();
    source.disconnect();
    ended();
  }

  return {
    isPlaying: () => playing !== null,

    /** Play what was kept and start afresh; `ended` is called once, also after `stop`. False if nothing was kept. */
    play(ended) {
      if (kept === 0 || playing !== null) return false;
      const buffer = context.createBuffer(1, kept, context.sampleRate);
      const samples = buffer.getChannelData(0);
      let at = 0;
      for (const block of blocks) {
        samples.set(block, at);
        at += block.length;
      }
      blocks = [];
      kept = 0;
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(context.destination);
      playing = { source, ended };
      source.onended = stop;
      source.start();
      return true;
    },

    stop,

    close() {
      stop();
      channel.port2.onmessage = null;
      channel.port2.close?.();
      node.disconnect();
      blocks = [];
      kept = 0;
    },
  };
}
