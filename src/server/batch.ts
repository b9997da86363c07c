/** A parsed array as a batch of messages, each checked by itself. */
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { checkMessage } from "./message.js";
import type { Refusal } from "./refusal.js";

/** The one revision with batches: they came with it and left with the next. */
const BATCH_VERSION = "2025-03-26";
/** The protocol library's own bound over HTTP. */
const MAX_MESSAGES = 100;

interface Batch {
  readonly messages: readonly JSONRPCMessage[];
  readonly refusals: readonly Refusal[];
}

/** @param version the negotiated one, if any is */
export function checkBatch(values: readonly unknown[], version: string | undefined): Batch | Refusal {
  if (values.length === 0) return { reason: "A batch must hold at least one message.", id: null };
  if (version !== BATCH_VERSION)
    return { reason: "Batches are served with protocol version 2025-03-26 only.", id: null };
  if (values.length > MAX_MESSAGES) return { reason: "A batch may hold 100 messages at most.", id: null };
  const checked = values.map((value) => withoutHandshake(checkMessage(value)));
  return {
    messages: checked.flatMap((entry) => ("message" in entry ? [entry.message] : [])),
    refusals: checked.flatMap((entry) => ("reason" in entry ? [entry] : [])),
  };
}

type Entry = ReturnType<typeof checkMessage>;

function withoutHandshake(entry: Entry): Entry {
  if (!("message" in entry && "method" in entry.message && entry.message.method === "initialize")) return entry;
  return {
    reason: "initialize must not be part of a batch.",
    id: "id" in entry.message ? entry.message.id : undefined,
  };
}
