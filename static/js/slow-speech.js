// Slower speech at the same pitch: waveform-similarity overlap-add (WSOLA, Verhelst and Roelands 1993) on 24 kHz samples as they arrive.

const HOP = 360; // 15 ms: the length of each crossfade
const REACH = 180; // 7.5 ms to either side, a pitch period of low voices
const FADE = Float32Array.from({ length: HOP }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / HOP));

/** `rate` is 0.5 to 1; the output is `1 / rate` times as long as the input. */
export function createStretcher(rate) {
  let input = new Float32Array(0); // from sample `start` of the source on
  let start = 0;
  let next = null; // where the source would go on without stretching
  let ideal = 0; // where the next piece would be taken from without searching

  function take(pcm) {
    const kept = next === null ? 0 : Math.max(0, Math.min(next, ideal - REACH) - start);
    const all = new Float32Array(input.length - kept + pcm.length);
    all.set(input.subarray(kept));
    for (let i = 0; i < pcm.length; i += 1) all[input.length - kept + i] = pcm[i];
    input = all;
    start += kept;
  }

  // The place near `ideal` whose waveform fits best onto what would come next.
  function bestPlace() {
    const from = Math.max(start, Math.round(ideal) - REACH);
    const to = Math.round(ideal) + REACH;
    let best = Math.max(from, Math.round(ideal));
    let likeness = -Infinity;
    for (let place = from; place <= to; place += 2) {
      let product = 0;
      let energy = 1;
      for (let i = 0; i < HOP; i += 3) {
        const sample = input[place - start + i];
        product += sample * input[next - start + i];
        energy += sample * sample;
      }
      const likely = product / Math.sqrt(energy);
      if (likely > likeness) [likeness, best] = [likely, place];
    }
    return best;
  }

  function hop(out) {
    if (next === null) {
      for (let i = 0; i < HOP; i += 1) out.push(input[i]);
      next = HOP;
    } else {
      const place = bestPlace();
      for (let i = 0; i < HOP; i += 1) {
        out.push(input[next - start + i] * (1 - FADE[i]) + input[place - start + i] * FADE[i]);
      }
      next = place + HOP;
    }
    ideal += HOP * rate;
  }

  return {
    /** Int16 samples in, Int16 samples out; some are held back until more arrive. */
    push(pcm) {
      take(pcm);
      const out = [];
      while (start + input.length >= Math.max((next ?? 0) + HOP, Math.round(ideal) + REACH + HOP)) hop(out);
      return Int16Array.from(out, Math.round);
    },

    /** What was held back, unstretched. */
    flush() {
      const rest = input.subarray(Math.max(0, (next ?? 0) - start));
      input = new Float32Array(0);
      return Int16Array.from(rest, Math.round);
    },
  };
}
