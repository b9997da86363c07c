/** Answers onto the connection: the first byte at once, and no longer than their reader takes them. */
import type { ServerResponse } from "node:http";

/** @property body undefined: none */
export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> | undefined;
}

const EVENTS = "text/event-stream";
/** Against proxies that would keep what they have until there is more. */
const STREAM_HEADERS = {
  "content-type": EVENTS,
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};
/** A comment: it reaches the client at once, and says nothing. */
const OPENED = ": open\n\n";

export function sentOf(response: Response): Sent {
  const { status, body } = response;
  // Whether the connection stays is not the protocol library's to say.
  const { connection: _, ...own } = Object.fromEntries(response.headers);
  const headers = { "cache-control": "no-store", ...own };
  return { status, headers: isStream(response) ? { ...headers, ...STREAM_HEADERS } : headers, body: body ?? undefined };
}

/** The answers of a batch one after the other, as events. @param refusals answers that stand already, as JSON */
export function streamOf(answers: readonly Promise<Response>[], refusals: readonly string[]): Sent {
  for (const answer of answers) answer.catch(() => undefined); // it is heard of in its turn
  return { status: 200, headers: STREAM_HEADERS, body: events(answers, refusals) };
}

async function* events(answers: readonly Promise<Response>[], refusals: readonly string[]): AsyncIterable<Uint8Array> {
  for (const refusal of refusals) yield eventOf(refusal);
  for (const answer of answers) {
    const response = await answer;
    if (response.body === null) continue;
    if (isStream(response)) yield* response.body;
    else yield eventOf(await response.text());
  }
}

function isStream({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith(EVENTS) === true;
}

function eventOf(json: string): Uint8Array {
  return Buffer.from(`event: message\ndata: ${json}\n\n`);
}

/** What nobody reads is produced to its end all the same: who no longer wants it has said so elsewhere. */
export async function send(
  response: ServerResponse,
  { status, headers, body }: Sent,
  writeWithinMs: number,
): Promise<void> {
  response.writeHead(status, headers);
  if (headers["content-type"] === EVENTS) response.write(OPENED);
  for await (const chunk of body ?? []) {
    if (!response.destroyed && !response.write(chunk)) await taken(response, "drain", writeWithinMs);
  }
  if (response.destroyed) return;
  response.end();
  if (!response.writableFinished) await taken(response, "finish", writeWithinMs);
}

/** Waits for a slow reader, and ends the connection of one that does not read. */
function taken(response: ServerResponse, event: "drain" | "finish", withinMs: number): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(() => response.destroy(), withinMs);
    const end = () => {
      clearTimeout(timer);
      response.off(event, end).off("close", end);
      done();
    };
    response.once(event, end).once("close", end);
  });
}
