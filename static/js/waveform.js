// The recording's waveform: the latest levels as bars, the newest at the end.

const LOUDEST = 0.25; // root mean square of loud speech close to the microphone
const LEAST = 0.08;

/** `bars` are elements whose `--height` (0..1) is set. */
export function createWaveform(bars) {
  let heights = bars.map(() => LEAST);

  function paint() {
    bars.forEach((bar, index) => bar.style.setProperty("--height", heights[index].toFixed(2)));
  }

  return {
    /** One level (root mean square, 0..1); its square root looks as loud as it sounds. */
    add(level) {
      heights = [...heights.slice(1), Math.max(LEAST, Math.min(1, Math.sqrt(level / LOUDEST)))];
      paint();
    },

    clear() {
      heights = bars.map(() => LEAST);
      paint();
    },
  };
}
