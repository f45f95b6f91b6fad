// Finds words in a script the way readers search, and marks exactly where they are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { places } from "../../static/js/script-search.js";

const found = (text, asked) => places(text, asked).map(([start, end]) => text.slice(start, end));

test("case, accents and width are ignored", () => {
  assert.deepEqual(found("The Café, the CAFE, the ｃａｆé", "cafe"), ["Café", "CAFE", "ｃａｆé"]);
  assert.deepEqual(found("The cafe", "Café"), ["cafe"]);
});

test("every place is found once, none overlapping", () => {
  assert.deepEqual(found("aaaa", "aa"), ["aa", "aa"]);
  assert.deepEqual(found("星期一和星期二", "星期"), ["星期", "星期"]);
});

test("characters of two code units keep their place", () => {
  assert.deepEqual(found("👋🏽 Hi, 𠮷田. Hi!", "hi"), ["Hi", "Hi"]);
  assert.deepEqual(found("👋🏽 Hi, 𠮷田.", "𠮷"), ["𠮷"]);
});

test("half a ligature matches all of it", () => assert.deepEqual(found("oﬃce", "of"), ["oﬃ"]));

test("spaces, and words that do not occur, find nothing", () => {
  assert.deepEqual(found("Late again.", "  "), []);
  assert.deepEqual(found("Late again.", ".*"), []);
});
