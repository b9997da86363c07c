/**
 * Which part of an answer a host hands to its model. The protocol does not say: hosts are known by the name they give, as
 * their own source or reports with a capture of both parts have it (docs/decisions.md, "An answer says each thing once").
 */
import type { Caller } from "../api/answer.js";
import type { App } from "../app/app.js";

/** `either`: nobody knows, or both. */
export type Fed = "structured" | "text" | "either";

/** By what the name begins with, in small letters with dashes: some hosts write the server's name or their edition behind it. */
const HOSTS: Readonly<Record<string, Fed>> = {
  "claude-code": "structured",
  "codex-mcp-client": "structured",
  opencode: "structured",
  "visual-studio-code": "structured",
  "claude-ai": "text",
  "gemini-cli-mcp-client": "text",
};

/** @param set as the operator has it */
export function fedTo(client: Caller["client"], set: App["live"]["passagesIn"]): Fed {
  if (set !== "auto") return set;
  const name = client?.name.toLowerCase().replaceAll(" ", "-");
  return Object.entries(HOSTS).find(([known]) => name?.startsWith(known))?.[1] ?? "either";
}
