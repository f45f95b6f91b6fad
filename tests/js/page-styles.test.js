import assert from "node:assert/strict";
import { test } from "node:test";

import { stylesOf } from "../../static/js/page-styles.js";

function pageWith({ wanted, there = [], answer = "onload" }) {
  const links = there.map((href) => ({ getAttribute: () => href }));
  const added = [];
  const document = {
    querySelector: (selector) => (selector.includes("room") ? { content: wanted } : null),
    querySelectorAll: () => links,
    createElement: () => ({}),
    head: {
      append(link) {
        added.push(link.href);
        if (answer) queueMicrotask(() => link[answer]());
      },
    },
  };
  return { document, added };
}

test("missing style sheets are loaded once", async () => {
  const { document, added } = pageWith({ wanted: "/a.css /b.css", there: ["/a.css"] });
  await stylesOf("room", { document });
  assert.deepEqual(added, ["/b.css"]);
});

test("a style sheet that fails to load does not keep the room from opening", async () => {
  await stylesOf("room", pageWith({ wanted: "/a.css", answer: "onerror" }));
  await stylesOf("room", { ...pageWith({ wanted: "/a.css", answer: "" }), withinMs: 1 });
});

test("a page without further style sheets continues at once", async () => {
  const { document, added } = pageWith({ wanted: "" });
  await stylesOf("elsewhere", { document });
  assert.deepEqual(added, []);
});
