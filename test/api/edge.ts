/** What an operation meets at the edge: an app that admits and records, and a caller. */
import { z } from "zod";
import { type Caller, answer as cross, type Edge } from "#src/api/answer.js";
import type { Operation } from "#src/api/operation.js";
import { Access } from "#src/core/access.js";
import type { Call } from "#src/core/call.js";

export type Recorded = Parameters<Edge["record"]>[0];

export const input = z.strictObject({
  query: z.string().min(1),
  top_k: z.number().int().max(50).default(10),
  min_score: z.number().max(1).optional(),
  filter: z.object({}).catchall(z.number()).optional(),
});
export type Probe = Operation<unknown, typeof input, { readonly top: number }>;

export class FakeEdge {
  /** Everything that was recorded, and who was admitted. */
  readonly recorded: Recorded[] = [];
  readonly admitted: string[] = [];
  readonly logged: object[] = [];
  /** Calls that reached the operation. */
  readonly calls: Call[] = [];
  onAdmit: () => void = () => undefined;

  constructor(readonly callTimeoutMs = 60_000) {}

  /** Crosses the edge to `run`, with a good input unless another is named. */
  answer(
    run: Probe["run"] = async (_call, _app, { top_k: top }) => ({ value: { top }, text: "" }),
    {
      raw = { query: "q" },
      deadline = true,
      profile,
      ...caller
    }: Partial<Caller> & { raw?: unknown; deadline?: boolean } & Pick<Probe, "profile"> = {},
  ) {
    const probe: Probe = {
      name: "probe",
      input,
      span: { texts: ["query"], settings: ["top_k"] },
      typed: { query: "<query>", top_k: "--top" },
      deadline,
      ...(profile && { profile }),
      run: (call, app, parsed) => {
        this.calls.push(call);
        return run(call, app, parsed);
      },
    };
    const log = (message: string, fields = {}) => void this.logged.push({ message, ...fields });
    const app: Edge = {
      flags: { hybrid: true, rerank: false, expansion: false, pseudo_embeddings: true },
      log: { debug: log, info: log, warn: log, error: log },
      live: { callTimeoutMs: this.callTimeoutMs } as Edge["live"],
      access: () => Access.to(["docs"]),
      admit: ({ id }) => {
        this.admitted.push(id);
        this.onAdmit();
      },
      record: (recorded) => void this.recorded.push(recorded),
    };
    const signal = new AbortController().signal;
    return cross(app, probe, raw, { principal: { id: "ann" }, signal, ...caller });
  }
}
