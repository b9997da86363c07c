/**
 * Live settings: parsed whole, their models warmed, then swapped in one step; what is wrong changes nothing.
 * Access and limits need no model, so they do not wait for one.
 */
import { isDeepStrictEqual } from "node:util";
import { type Config, changedSettings, type LiveConfig } from "../config/load.js";
import { Access } from "../core/access.js";
import { type Call, openCall } from "../core/call.js";
import { type AppError, cancelledError, toAppError } from "../core/errors.js";
import { DownloadingError } from "../models/model-handle.js";
import { retry } from "../resilience/retry.js";
import type { Logger } from "../telemetry/log.js";
import type { Metrics } from "../telemetry/metrics.js";
import type { Engine } from "./engine.js";
import { LiveState } from "./live-state.js";

/** How often a model that is being downloaded is looked at. */
const LOOK_EVERY_MS = 1_000;

export interface ReloadStatus {
  /** `loading`: new models are being warmed, the configuration before answers. */
  readonly state: "ok" | "loading" | "failed";
  /** When the configuration in force was read, ISO 8601. */
  readonly loadedAt: string;
  /** Why the last change is not in force. */
  readonly error?: string | undefined;
  /** Settings that were changed and apply when the server starts again. */
  readonly needsRestart: readonly string[];
}

export interface ReloadOptions {
  readonly started: Config;
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Reads the settings anew. @throws AppError `config` */
  load(): Config;
  current(): LiveState;
  swap(next: LiveState): void;
}

type Applied = Pick<ReloadStatus, "needsRestart"> & Pick<Config, "warnings">;

export class Reloads {
  readonly #options: ReloadOptions;
  #status: ReloadStatus;
  /** Of the reload under way: a newer one takes its place. */
  #abort: (() => void) | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#status = { state: "ok", loadedAt: new Date().toISOString(), needsRestart: [] };
    const { metrics } = options;
    metrics.read("config_last_reload_success_timestamp_seconds", () => [
      { labels: {}, value: Date.parse(this.#status.loadedAt) / 1_000 },
    ]);
  }

  get status(): ReloadStatus {
    return this.#status;
  }

  /** Never rejects: what is wrong is in the log, in `status` and in a metric. */
  reload(): Promise<void> {
    this.#abort?.();
    const { call, abort } = openCall({ principal: { id: "server" }, access: Access.full("settings were changed") });
    const cancel = () => abort(cancelledError());
    this.#abort = cancel;
    this.#turn = this.#turn.then(() => this.#reload(call));
    return this.#turn;
  }

  async close(): Promise<void> {
    this.#abort?.();
    await this.#turn;
  }

  async #reload(call: Call): Promise<void> {
    if (call.signal.aborted) return;
    const { metrics, log, current } = this.#options;
    const before = current();
    try {
      const { needsRestart, warnings } = await this.#apply(call);
      this.#status = { state: "ok", loadedAt: new Date().toISOString(), needsRestart };
      metrics.add("config_reloads_total", { status: "ok" });
      log.info("the changed settings are in force");
      for (const warning of warnings) log.warn(warning);
      if (needsRestart.length > 0) log.warn(`changed, but in force after a restart only: ${needsRestart.join(", ")}`);
    } catch (thrown) {
      if (call.signal.aborted) return;
      const why = reasonOf(toAppError(thrown));
      this.#status = { ...this.#status, state: "failed", error: why };
      metrics.add("config_reloads_total", { status: "failed" });
      const kept = before === current() ? ", nothing changed" : ", but for access and limits, which are in force";
      log.error(`the changed settings were refused${kept}: ${why}`);
    }
  }

  /** @returns names of the settings that need a restart, and what is odd about the others */
  async #apply(call: Call): Promise<Applied> {
    const { engine, started } = this.#options;
    const config = this.#options.load();
    const applied = { needsRestart: changedSettings(started, config, "restart"), warnings: config.warnings };
    this.#applyAtOnce(config.live);
    if (isDeepStrictEqual(config.live, this.#options.current().config)) return applied;
    const next = new LiveState(config.live, engine.session(config.live.models));
    this.#status = { ...this.#status, state: "loading", error: undefined };
    try {
      await warmUp(call, next);
    } catch (error) {
      next.leave();
      throw error;
    }
    this.#options.swap(next);
    return applied;
  }

  /** A collection or folder that is taken away is out of reach before any model is loaded. */
  #applyAtOnce(wanted: LiveConfig): void {
    const { engine, current, swap } = this.#options;
    const config = withAccessOf(wanted, current().config);
    if (isDeepStrictEqual(config, current().config)) return;
    const next = new LiveState(config, engine.session(config.models));
    partsOf(next); // those in use stay open
    swap(next);
  }
}

/** In one line: a list of problems has one on each line, without full stops. */
function reasonOf({ message, remedy }: AppError): string {
  const what = message.replaceAll("\n", "; ");
  return `${/[.!?]$/.test(what) ? what : `${what}.`} ${remedy}`;
}

/** New access and limits with what answers now. Its default collection stays in reach as long as it answers. */
function withAccessOf(next: LiveConfig, current: LiveConfig): LiveConfig {
  const { profiles, models, collection, profilesFile } = current;
  const collections = [...new Set([collection, ...next.collections])];
  return { ...next, profiles, models, collection, profilesFile, collections };
}

/** Loads what the default profile needs, and waits for downloads. @throws AppError why a part cannot be used */
async function warmUp(call: Call, next: LiveState): Promise<void> {
  await Promise.all(partsOf(next).map((part) => loaded(call, part)));
}

/** The parts of the default profile, held by the state from now on. */
function partsOf({ profile, session }: LiveState): { warmUp(call: Call): Promise<void> }[] {
  const { embedder, expansion, reranking } = profile;
  return [
    session.embedder(embedder),
    expansion.kind === "none" ? undefined : session.expander(expansion),
    reranking.kind === "none" ? undefined : session.reranker(reranking, embedder),
  ].filter((part) => part !== undefined);
}

/** A model that is being downloaded is asked for again until it is there, or its download failed. */
function loaded(call: Call, part: { warmUp(call: Call): Promise<void> }): Promise<void> {
  return retry(call, () => part.warmUp(call), {
    times: Number.POSITIVE_INFINITY,
    delayMs: () => LOOK_EVERY_MS,
    worthIt: (error) => error instanceof DownloadingError,
  });
}
