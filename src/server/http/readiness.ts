/** `/livez` and `/readyz`, for balancers and supervisors: asked by anybody, they name nothing. */
import type { ServerResponse } from "node:http";
import type { App } from "../../app/app.js";
import { Access } from "../../core/access.js";
import { openCall } from "../../core/call.js";
import { raceAbort } from "../../core/errors.js";

type State = "starting" | "ready" | "stopping";

/** A store that takes longer counts as down here. */
const LOOK_WITHIN_MS = 1_000;
/** Probes of many balancers cost one look. */
const LOOK_EVERY_MS = 5_000;

export class Readiness {
  state: State = "starting";
  readonly #app: Pick<App, "isStoreUp">;
  #looked: { readonly at: number; readonly isUp: Promise<boolean> } | undefined;

  constructor(app: Pick<App, "isStoreUp">) {
    this.#app = app;
  }

  isAsked(path: string): boolean {
    return path === "/livez" || path === "/readyz";
  }

  async answer(path: string, response: ServerResponse): Promise<void> {
    const { state } = this;
    if (path === "/livez") say(response, 200, { state: "live" });
    else if (state !== "ready") say(response, 503, { state });
    // The store is only told of: if it took this server out, it would take out every replica at once.
    else say(response, 200, { state, store: (await this.#isStoreUp()) ? "up" : "down" });
  }

  #isStoreUp(): Promise<boolean> {
    const now = performance.now();
    if (this.#looked === undefined || now - this.#looked.at > LOOK_EVERY_MS)
      this.#looked = { at: now, isUp: look(this.#app) };
    return this.#looked.isUp;
  }
}

async function look(app: Pick<App, "isStoreUp">): Promise<boolean> {
  const principal = { id: "server" };
  const access = Access.full("nothing of what is there is shown");
  const { call, end } = openCall({ principal, access, timeoutMs: LOOK_WITHIN_MS });
  try {
    return await raceAbort(app.isStoreUp(call), call.signal);
  } catch {
    return false;
  } finally {
    end();
  }
}

function say(response: ServerResponse, status: number, body: object): void {
  const json = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(json) });
  response.end(json);
}
