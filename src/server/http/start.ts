/** The MCP server over HTTP. Loaded by `serve --http` only. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { availableParallelism } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import type { App } from "../../app/app.js";
import { readSessionKey } from "../../auth/session-key.js";
import { traceOf } from "../../core/error-trace.js";
import { toAppError } from "../../core/errors.js";
import { FairSlots } from "../../resilience/fair-slots.js";
import { PendingRequests } from "../pending-requests.js";
import { problemLine } from "../problem-line.js";
import { authenticationOf } from "./authenticate.js";
import { addressOf, bind } from "./bind.js";
import { Exchanges } from "./exchanges.js";
import { Gate } from "./gate.js";
import { hostHeaderGuard, originGuard, refuseOpenDoor } from "./guards.js";
import { createNodeServer, type Limits } from "./node-server.js";
import { Readiness } from "./readiness.js";
import { Sessions } from "./session-id.js";

export interface HttpServer {
  /** Where clients find it. */
  readonly address: string;
  /** Takes the certificate as its files have it now. Never throws. */
  renew(): void;
  /** Once a question need not wait for what loads. */
  ready(): void;
  /**
   * Stops: balancers are told, calls in flight end, then connections. @param now aborts: nothing is waited for any more
   * @param grace whether somebody has to be told first
   */
  stop(now: AbortSignal, grace: boolean): Promise<void>;
}

const LIMITS: Limits = { headersMs: 10_000, requestMs: 30_000, writeMs: 30_000, connections: 2_000 };
/** More at once would only make each of them slower. */
const CALLS_PER_CORE = 2;
const WAITING = { waitingOfOne: 32, waitingInAll: 256 };

/** @throws AppError for an address that cannot be used, or must not be */
export async function startHttp(app: App, limits: Limits = LIMITS): Promise<HttpServer> {
  const { boot } = app;
  const { http } = boot;
  refuseOpenDoor(http);
  const authentication = await authenticationOf(app);
  const { sessionKeyFile } = http;
  const sessions = new Sessions(sessionKeyFile === undefined ? undefined : readSessionKey(sessionKeyFile));
  const requests = new PendingRequests({ boot, open: async () => app, mayWait: false });
  const onProblem = (problem: Error) => app.log.debug(`protocol: ${problemLine(problem)}`);
  const slots = new FairSlots({ ...WAITING, size: CALLS_PER_CORE * availableParallelism() });
  const exchanges = new Exchanges({ boot, requests, sessions, slots, onProblem });
  const readiness = new Readiness(app);
  const { server, renew } = await createNodeServer(http, limits);
  const port = await bind(server, http.listen);
  const gate = new Gate({
    readiness,
    exchanges,
    maxBodyBytes: http.maxBodyBytes,
    writeWithinMs: limits.writeMs,
    checkHost: hostHeaderGuard(http),
    checkOrigin: originGuard(http, port),
    authentication,
    onBug: (error) => app.log.error("a request ended with a bug", { err: traceOf(error) }),
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => gate.handle(request, response));
  // Else a body would be asked for before it is known whether it is wanted.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => gate.handle(request, response));
  server.on("error", (error: Error) => app.log.warn(`HTTP: ${error.message}`));

  return {
    address: addressOf(http, port),
    renew() {
      try {
        renew();
      } catch (error) {
        app.log.error(`the certificate before stays in use: ${toAppError(error).message}`);
      }
    },
    ready: () => {
      if (readiness.state === "starting") readiness.state = "ready";
    },
    async stop(now, grace) {
      readiness.state = "stopping";
      if (grace) await atMost(http.readyGraceMs, now);
      gate.isClosed = true;
      const closed = new Promise<void>((done) => server.close(() => done()));
      await Promise.race([gate.settled(), atMost(http.drainMs, now)]);
      await exchanges.close();
      await requests.settled();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function atMost(ms: number, now: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal: now, ref: false }).catch(() => undefined);
}
