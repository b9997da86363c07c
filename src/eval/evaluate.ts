/** Measures configurations one after the other, each a profile over one engine and the same documents. */
import type { App } from "../app/app.js";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError, type ErrorCode } from "../core/errors.js";
import type { RetrievalProfile } from "../core/profile.js";
import type { DegradedReason } from "../core/types.js";
import { openCollection } from "./collection.js";
import { type Comparison, compare, MAIN } from "./compare.js";
import { type Configuration, grid, LADDER, onTopOf, profiles } from "./configurations.js";
import type { Dataset } from "./dataset.js";
import { type Measurement, measure, withoutExtension } from "./measure.js";
import { rememberedStore } from "./remembered-store.js";
import { type Numbers, summarise } from "./summary.js";

export type EvalKind = "single" | "ladder" | "grid" | "profiles";

/** A configuration as it is measured. */
export interface Configured {
  readonly profile: RetrievalProfile;
  /** Every setting in force for this profile; secrets masked. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What evaluation needs of the program around it. */
export interface EvalHost {
  readonly app: App;
  readonly call: Call;
  /** @throws AppError `config`, `bad_request` */
  configure(configuration: Configuration): Configured;
  /** Models that would have to be downloaded. */
  missingModels(profile: RetrievalProfile): readonly string[];
  /** What is being done, and how far it is where that is known. */
  onProgress(message: string, done?: number, total?: number): void;
}

export interface EvalRequest {
  readonly kind: EvalKind;
  readonly dataset: Dataset;
  /** The user's own, asked when the dataset has no corpus. */
  readonly collection: string;
  readonly offTopic: readonly string[];
  readonly seed: number;
  /** Of `profiles`. */
  readonly profiles?: readonly string[];
}

export interface Measured {
  readonly configuration: Configuration;
  /** All settings in force. */
  readonly settings: Configured["settings"];
  readonly measurement: Measurement;
  readonly numbers: Numbers;
  readonly comparison?: Comparison | undefined;
}

export interface Unavailable {
  readonly configuration: Configuration;
  /** Why there are no numbers. */
  readonly unavailable: string;
}

export type Row = Measured | Unavailable;

export interface Evaluation {
  readonly request: EvalRequest;
  readonly version: string;
  readonly rows: readonly Row[];
  readonly warnings: readonly string[];
}

export function isMeasured(row: Row): row is Measured {
  return "numbers" in row;
}

/** Questions whose time is taken where many configurations are compared: enough for a 95th percentile. */
const TIMED = 60;
/** An interval over fewer questions is so wide that it says little. */
const FEW_QUESTIONS = 50;
/** A part that a machine or a version lacks, or vectors of another model; anything else is an error of the run. */
const NOT_HERE: readonly ErrorCode[] = ["config", "model_missing", "model_failed", "mismatch"];
/** On every answer: another part took the place of the one that was to be measured. */
const REPLACED: readonly DegradedReason[] = [
  "lexical_only",
  "stale_version",
  "rerank_model_missing",
  "rerank_failed",
  "expansion_failed",
];

/**
 * What was measured before the caller stopped it is not lost.
 * @throws AppError when the only configuration cannot be measured, or one fails for a reason that is not its own
 */
export async function evaluate(request: EvalRequest, host: EvalHost): Promise<Evaluation> {
  const run = new Run(request, host);
  try {
    if (request.kind === "single") await run.add({ name: "configured", fields: {}, against: [] });
    for (const configuration of profiles(request.profiles ?? [])) await run.add(configuration);
    if (request.kind === "grid") for (const configuration of grid()) await run.add(configuration);
    if (request.kind === "ladder") for (const rung of LADDER) await run.add(onTopOf(run.last?.configuration, rung));
  } catch (error) {
    if (!host.call.signal.aborted || run.last === undefined) throw error;
    run.warnings.add("stopped before its end: the configurations that follow were not measured");
  }
  return { request, version: host.app.boot.version, rows: run.rows, warnings: [...run.warnings] };
}

class Run {
  readonly rows: Row[] = [];
  readonly warnings: Set<string>;
  readonly #remembering: Pick<App, "retrieve">;
  #turn = 0;
  readonly #indexed = new Map<string, CollectionPass>();

  constructor(
    readonly request: EvalRequest,
    readonly host: EvalHost,
  ) {
    this.#remembering = host.app.over(rememberedStore);
    const { questions, warnings } = request.dataset;
    this.warnings = new Set(warnings);
    if (questions.length < FEW_QUESTIONS) {
      this.warnings.add(`only ${questions.length} questions: expect wide intervals, and small changes to go unnoticed`);
    }
    const idle = questions.filter(({ grades }) => ![...grades.values()].some((grade) => grade > 0)).length;
    if (idle > 0) this.warnings.add(`questions without a relevant document, which count as 0: ${idle}`);
  }

  /** The last that could be measured. */
  get last(): Measured | undefined {
    return this.rows.filter(isMeasured).at(-1);
  }

  async add(configuration: Configuration): Promise<void> {
    try {
      this.rows.push(await this.#measure(configuration));
    } catch (error) {
      const isItsOwn = error instanceof AppError && NOT_HERE.includes(error.code);
      if (!isItsOwn || this.request.kind === "single") throw error;
      this.rows.push({ configuration, unavailable: error.message.replaceAll("\n", "; ") });
    }
  }

  async #measure(configuration: Configuration): Promise<Row> {
    const { host, request } = this;
    const { dataset, offTopic, seed } = request;
    const { app, call } = host;
    const { profile, settings } = host.configure(configuration);
    if (configuration.fields.rerank_enabled === "1" && profile.reranking.kind === "none") {
      return {
        configuration,
        unavailable: "re-ranking by late interaction needs an embedding model with token vectors",
      };
    }
    const missing = request.kind === "single" ? [] : host.missingModels(profile);
    if (missing.length > 0) {
      return { configuration, unavailable: `not on this machine: ${missing.join(", ")}` };
    }
    const { name } = configuration;
    const collection = await openCollection(call, app, {
      dataset,
      profile,
      collection: request.collection,
      indexed: this.#indexed,
      onProgress: (message) => host.onProgress(message),
      onWarning: (warning) => this.warnings.add(warning),
    });
    if (this.last === undefined) await this.#checkExpected(collection);
    const measurement = await measure({
      app,
      remembering: this.#remembering,
      call,
      profile,
      collection,
      mode: configuration.mode,
      dataset,
      offTopic,
      turn: ++this.#turn,
      timed: request.kind === "single" ? dataset.questions.length : TIMED,
      onQuestion: (done, total) => host.onProgress(`${name}: ${done} of ${total} questions`, done, total),
    });
    const replaced = REPLACED.find((reason) => measurement.degraded[reason] === dataset.questions.length);
    if (replaced !== undefined) return this.#notMeasured(configuration, replaced);
    const before = this.#before(configuration);
    return {
      configuration,
      settings,
      measurement,
      numbers: summarise(measurement, seed),
      comparison: before && compare(before.configuration.name, before.measurement, measurement, seed),
    };
  }

  /** The best of those it is to be compared with. */
  #before({ against }: Configuration): Measured | undefined {
    const quality = ({ numbers }: Measured) => numbers.metrics[MAIN].mean;
    return this.rows
      .filter(isMeasured)
      .filter(({ configuration }) => against.includes(configuration.name))
      .sort((a, b) => quality(b) - quality(a))[0];
  }

  /** In a table it has its place; alone it would be a result, and a gate would pass, for something else. */
  #notMeasured(configuration: Configuration, replaced: string): Unavailable {
    const unavailable = `every answer was degraded: ${replaced}`;
    if (this.request.kind !== "single") return { configuration, unavailable };
    throw new AppError("model_missing", `Nothing was measured: ${unavailable}.`, {
      remedy: "Make the part available (`aura-retrieval health` says how), or switch it off.",
    });
  }

  /** A misspelled document would only look like a bad answer, and two of one name like one. */
  async #checkExpected(collection: CollectionPass): Promise<void> {
    const { questions, extensionOptional } = this.request.dataset;
    const sources = new Map<string, Set<string>>();
    for await (const { document, source } of this.host.app.documents(this.host.call, collection)) {
      for (const name of extensionOptional ? [document, withoutExtension(document)] : [document]) {
        sources.set(name, (sources.get(name) ?? new Set()).add(source));
      }
    }
    const expected = new Set(
      questions.flatMap(({ grades }) => [...grades].flatMap(([document, grade]) => (grade > 0 ? [document] : []))),
    );
    const warn = (what: string, documents: readonly string[]) => {
      if (documents.length === 0) return;
      this.warnings.add(`${what}: ${documents.length} of ${expected.size}, for example ${documents[0]}`);
    };
    const ofSources = (document: string) => sources.get(document)?.size ?? 0;
    warn(
      `expected documents that are not in "${collection.name}"`,
      [...expected].filter((document) => ofSources(document) === 0),
    );
    warn(
      "expected documents that several sources have, each of which counts",
      [...expected].filter((document) => ofSources(document) > 1),
    );
  }
}
