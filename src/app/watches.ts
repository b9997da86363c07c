/** The folders that RETRIEVAL_WATCH=1 keeps fresh: those of the settings in force, in the collection in force. */
import type { LiveConfig } from "../config/load.js";
import type { Access } from "../core/access.js";
import { backgroundCall, type Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { confirmation } from "../core/held-removals.js";
import type { Job } from "../core/job.js";
import type { Logger } from "../telemetry/log.js";
import type { WatchRequest } from "./watch.js";

interface Watching {
  close(): Promise<void>;
}

/** What is needed of the app. */
export interface Watcher {
  readonly live: Pick<LiveConfig, "roots" | "collection">;
  readonly log: Pick<Logger, "warn">;
  access(): Access;
  watch(call: Call, request: WatchRequest): Promise<Watching>;
}

export class Watches {
  readonly #app: Watcher;
  /** By folder and collection. */
  readonly #running = new Map<string, Promise<Watching | undefined>>();

  constructor(app: Watcher) {
    this.#app = app;
  }

  /** Ends what the settings in force no longer name and begins what they name anew; a run under way ends as it began. */
  follow(): void {
    const { roots, collection } = this.#app.live;
    const wanted = new Map(roots.map((root) => [JSON.stringify([root, collection]), root]));
    for (const [key, watching] of this.#running) {
      if (wanted.has(key)) continue;
      this.#running.delete(key);
      void watching.then((each) => each?.close());
    }
    for (const [key, root] of wanted) {
      if (!this.#running.has(key)) this.#running.set(key, this.#begin(key, root));
    }
  }

  /** Never rejects: a folder that cannot be watched is named in the log, and tried again with the next settings. */
  async #begin(key: string, source: string): Promise<Watching | undefined> {
    const { live, log } = this.#app;
    const onError = (error: unknown) => {
      const { message, remedy } = error instanceof AppError ? error : { message: String(error), remedy: "" };
      log.warn(`watch ${source}: ${message} ${remedy}`);
    };
    let told = 0;
    const onJob = ({ documents: { held = 0 }, collection, place = source }: Job) => {
      const isNews = held !== told;
      told = held;
      if (held > 0 && isNews)
        log.warn(`watch ${source}: ${held} documents are gone, and stay. ${confirmation(collection, place)}`);
    };
    try {
      const call = { ...backgroundCall("RETRIEVAL_WATCH keeps its folders fresh"), access: this.#app.access() };
      const collection = call.access.collection(live.collection);
      return await this.#app.watch(call, { source, collection, onJob, onError });
    } catch (error) {
      onError(error);
      this.#running.delete(key);
      return undefined;
    }
  }
}
