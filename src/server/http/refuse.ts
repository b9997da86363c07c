/** A request that is not served: its status, and one line that says why and repeats nothing of the request. */
import type { IncomingMessage, ServerResponse } from "node:http";

/** @property rpc the body where the protocol has one of its own */
export interface Refused {
  readonly status: number;
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly rpc?: string;
}

/** The protocol library's code for what is wrong with a request as such. */
const SERVER_ERROR = -32_000;

/** A sender sees the answer only if what it still sends is read for a while: what comes then ends in a reset. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const UNREAD_WITHIN_MS = 2_000;

/** @param request one whose body is not read: its connection ends with the answer */
export async function refuse(request: IncomingMessage, response: ServerResponse, refused: Refused): Promise<void> {
  const { status, reason, headers = {}, rpc } = refused;
  const body = rpc ?? JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: SERVER_ERROR, message: reason } });
  const isRead = request.complete || !hasBody(request);
  response.writeHead(status, {
    ...headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(isRead ? {} : { connection: "close" }),
  });
  response.write(body);
  if (!isRead) await passOver(request);
  response.end();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function passOver(request: IncomingMessage): Promise<void> {
  return new Promise((done) => {
    let left = MAX_UNREAD_BYTES;
    const timer = setTimeout(end, UNREAD_WITHIN_MS);
    function end() {
      clearTimeout(timer);
      request.pause();
      done();
    }
    request.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) end();
    });
    request.once("end", end).once("error", end).once("close", end);
    request.resume();
  });
}
