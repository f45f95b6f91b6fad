// The page after the conversation: lines can be heard again, transcripts still arrive, and the feedback is swapped in
// when it is ready.

import { announce } from "../announce.js";
import { createServerClock } from "../server-clock.js";
import { createSocket } from "../socket.js";
import { timers } from "../timers.js";
import { createTurnAudio } from "../turn-audio.js";

export function mount(element, { signal }) {
  const problem = element.querySelector("[data-audio-problem]");
  createTurnAudio({
    root: element,
    audio: element.querySelector("[data-again]"),
    on: {
      failed: () => {
        problem.hidden = false;
        announce(problem.textContent.trim(), { assertive: true });
      },
    },
    signal,
  });
  if (element.dataset.evaluation === "wanted") followNews(element, signal);
}

function followNews(element, signal) {
  const hear = {
    session: ({ turns, evaluation }) => {
      for (const turn of turns) showTurn(element, turn);
      if (evaluation?.completedAt) ready();
    },
    turn_updated: ({ turn }) => showTurn(element, turn),
    evaluation_ready: () => ready(),
  };
  const ready = () => {
    // Feedback that is already shown is left alone: somebody may be hearing a quote in it, or giving their own view. If
    // it is still loading, it brings the change along.
    const phase = element.querySelector(".evaluation")?.dataset.phase;
    if (phase && phase !== "completed" && phase !== "own") document.body.dispatchEvent(new CustomEvent("evaluationReady"));
    socket.close();
  };
  const socket = createSocket({
    url: new URL(element.dataset.socket, location.href.replace(/^http/, "ws")).href,
    WebSocket,
    clock: createServerClock({ wall: Date.now, steady: timers.now }),
    timers,
    on: { link: () => {}, frame: (frame) => hear[frame.type]?.(frame) },
  });
  signal.addEventListener("abort", () => socket.close());
  socket.connect();
}

export function showTurn(element, turn) {
  const line = element.querySelector(`[data-line][data-sequence="${turn.sequence}"]`);
  if (!line || turn.speaker !== "trainee") return;
  // A line whose transcript has arrived meanwhile can be corrected now: the server has all of it.
  if (line.dataset.fresh && turn.asrStatus !== "pending" && globalThis.htmx) {
    globalThis.htmx.ajax("GET", line.dataset.fresh, { target: line, swap: "outerHTML" });
    return;
  }
  const said = line.querySelector("[data-words]");
  const note = line.querySelector("[data-note]");
  const blank = !turn.transcript?.trim(); // Not transcribed, or nothing was recognised: the note says which.
  said.hidden = blank;
  note.hidden = !blank;
  // The same words may be shown already, with their doubts and quotes marked.
  if (!blank && said.textContent !== turn.transcript) said.textContent = turn.transcript;
}
