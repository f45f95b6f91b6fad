// Runs in the page before its own scripts (scripts/bench/first_sound): notes when a key is released, what the socket says, and when the loudspeaker sounds.
// `marks` holds [what, performance.now()]; `sayWav(base64)` plays into the page's fake microphone.

(() => {
  const marks = (globalThis.marks = []);
  const mark = (what, at = performance.now()) => marks.push([what, at]);
  addEventListener("keyup", (event) => event.code === "Space" && mark("released", event.timeStamp), true);

  globalThis.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => mark(typeof data === "string" ? JSON.parse(data).type : "frame"));
    }

    send(data) {
      if (typeof data === "string") mark(JSON.parse(data).type);
      super.send(data);
    }
  };

  const TAP = `registerProcessor("tap", class extends AudioWorkletProcessor {
    quiet = sampleRate;
    process([[samples]]) {
      if (!samples) return true;
      const at = samples.findIndex((one) => Math.abs(one) > 0.004);
      if (at >= 0 && this.quiet > sampleRate / 4) this.port.postMessage(currentTime + at / sampleRate);
      this.quiet = at >= 0 ? 0 : this.quiet + samples.length;
      return true;
    }
  })`;
  const connect = AudioNode.prototype.connect;
  const loaded = new WeakMap();
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to === this.context.destination) tap(this);
    return connect.call(this, to, ...rest);
  };

  async function tap(node) {
    const { context } = node;
    if (!loaded.has(context)) loaded.set(context, context.audioWorklet.addModule(URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }))));
    await loaded.get(context);
    const ear = new AudioWorkletNode(context, "tap");
    // When this sample leaves the loudspeaker, by the clock of the page.
    ear.port.onmessage = ({ data }) => {
      const { contextTime, performanceTime } = context.getOutputTimestamp();
      mark("heard", performanceTime + (data - contextTime) * 1000);
    };
    connect.call(node, ear);
    connect.call(ear, context.destination);
  }

  let room = null;
  let wire = null;
  function microphone() {
    if (room !== null) return;
    room = new AudioContext();
    wire = room.createMediaStreamDestination();
    // A microphone that gives nothing but zeros counts as muted.
    const hum = new OscillatorNode(room);
    hum.connect(new GainNode(room, { gain: 0.0004 })).connect(wire);
    hum.start();
  }
  navigator.mediaDevices.getUserMedia = async () => {
    microphone();
    await room.resume();
    return wire.stream.clone();
  };
  globalThis.sayWav = async (base64) => {
    microphone();
    const sound = room.createBufferSource();
    sound.buffer = await room.decodeAudioData(Uint8Array.from(atob(base64), (one) => one.charCodeAt(0)).buffer);
    sound.connect(wire);
    const over = new Promise((resolve) => (sound.onended = resolve));
    sound.start();
    await over;
  };
})();
