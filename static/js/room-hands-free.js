// Hands-free talking in the room: its parts, loaded together when it is chosen or at idle.

import { createEar } from "./ear.js";
import { createHandsFree } from "./hands-free.js";
import { createHandsFreeSwitch } from "./hands-free-switch.js";
import { handsFreeWords } from "./hands-free-words.js";
import { createTurnTaking } from "./turn-taking.js";

/** `element` is the stage, `earOptions` what ear.js takes from the browser, `microphone` the recorder's if it is open; listeners end with `signal`. */
export function furnishHandsFree({ element, conversation, stage, recorder, microphone, earOptions, patience, signal }) {
  const handsFree = conversation.handsFreeWith((shared) => createHandsFree({ ...shared, given: { ...shared.given, createTurnTaking } }));
  const ear = createEar({ ...earOptions, on: handsFree.earEvents });
  if (microphone !== null) ear.connect(microphone);
  handsFree.furnish({ ear, recorder });
  handsFree.setPatience(patience);
  handsFree.hide(document.visibilityState === "hidden");
  stage.handsFreeWith(handsFreeWords);
  const { show } = createHandsFreeSwitch({ button: element.querySelector("[data-hands-free]"), root: document, on: { toggle: handsFree.toggle }, signal });
  return { show, connect: ear.connect, choose: handsFree.choose, setPatience: handsFree.setPatience };
}
