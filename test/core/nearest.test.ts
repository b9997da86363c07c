import { expect, it } from "vitest";
import { nearest } from "#src/core/nearest.js";

const KNOWN = ["query", "top_k", "max_tokens", "filter"];

it.each([
  ["topk", "top_k"],
  ["top-k", "top_k"],
  ["maxTokens", "max_tokens"],
  ["filters", "filter"],
  ["qurey", "query"],
])("a misspelt name is near the one that is meant: %s", (name, meant) => {
  expect(nearest(name, KNOWN)).toBe(meant);
});

it.each(["user", "k", "", "limit", "q".repeat(65)])("a name of something else is near none: %j", (name) => {
  expect(nearest(name, KNOWN)).toBeUndefined();
});
