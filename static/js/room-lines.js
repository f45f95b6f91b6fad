// The lines of the script in the page: one list item each, made from a template and kept up to date.

/**
 * `parts` holds `lines`, `script`, `silence` and the template `line-blank`; `text(element, words)` writes only what
 * changed. `options` as for room-stage.js. `render(script, {captioned})` takes what room-script.js gives; without
 * captions the AI's words can only be heard.
 */
export function createLines({ parts, say, text, options }) {
  const { name } = options;
  let caption = { sequence: null, upTo: Infinity };

  function render({ earlier, current }, { captioned }) {
    const all = current === null ? earlier : [...earlier, current];
    parts.silence.hidden = all.length > 0;
    const known = new Map([...parts.lines.children].map((line) => [Number(line.dataset.sequence), line]));
    let changed = false;
    for (const line of all) {
      let item = known.get(line.sequence);
      known.delete(line.sequence);
      if (!item) {
        item = parts["line-blank"].content.firstElementChild.cloneNode(true);
        item.id = `turn-${line.sequence}`;
        item.dataset.sequence = line.sequence;
        parts.lines.append(item);
        changed = true;
      }
      if (item.hasAttribute("data-current") !== (line === current)) {
        item.toggleAttribute("data-current", line === current);
        changed = true;
      }
      renderLine(item, line, captioned);
    }
    for (const item of known.values()) item.remove();
    if (changed) parts.script.scrollTop = 0; // scrolls to its end
  }

  function renderLine(item, line, captioned) {
    const they = line.speaker === "ai";
    item.classList.toggle("line-they", they);
    item.classList.toggle("line-you", !they);
    const part = (key) => item.querySelector(`[data-${key}]`);
    text(part("who"), they ? name : say("line.you"));
    part("interrupted").hidden = !line.interrupted;
    const note = noteOf(line, they && !captioned, they);
    part("note").hidden = note === "";
    text(part("note"), note);
    part("words").hidden = note !== "";
    if (line.state === "saying" && caption.sequence === line.sequence && caption.upTo < line.text.length) {
      splitAt(part("words"), line.text, caption.upTo, line.interrupted);
    } else text(part("words"), line.text);
    const play = item.querySelector(".line-play");
    play.hidden = !line.hasAudio || line.state === "saying";
    if (line.hasAudio && line.turnId) {
      const url = options.audioUrl(line.turnId);
      if (play.dataset.play !== url) play.dataset.play = url;
    }
    play.setAttribute("aria-label", say(they ? "line.play" : "line.play.you", { name, number: line.sequence + 1 }));
  }

  // What is shown instead of words.
  function noteOf(line, uncaptioned, they) {
    if (line.text.trim() === "") {
      if (line.state === "wordless") return say(they ? "line.wordless.them" : "line.wordless");
      return { transcribing: say("line.transcribing"), unheard: say("line.unheard") }[line.state] ?? "";
    }
    return uncaptioned ? say("line.uncaptioned") : "";
  }

  function splitAt(part, words, index, cut) {
    const saidNow = words.slice(0, index);
    const coming = cut ? "" : words.slice(index);
    if (part.firstChild?.nodeValue === saidNow && (part.children[0]?.textContent ?? "") === coming) return;
    const rest = document.createElement("span");
    rest.className = "line-coming";
    rest.textContent = coming;
    part.replaceChildren(document.createTextNode(saidNow), rest);
  }

  return {
    render,
    /** Characters of `sequence` after `upTo` are written but not yet spoken. */
    caption(sequence, upTo) {
      caption = { sequence, upTo };
    },
  };
}
