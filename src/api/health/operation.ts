/** The `health` tool. */
import { z } from "zod";
import type { App } from "../../app/app.js";
import type { Tool } from "../operation.js";
import { output } from "./schema.js";

const input = z.strictObject({});

export const healthOperation: Tool<Pick<App, "boot" | "health">, typeof input, typeof output> = {
  name: "health",
  title: "State of the server",
  description:
    "Says what is indexed (collections and their sources) and whether the embedding model, the store, the metrics port and recent index " +
    "jobs work, with a remedy for what does not. " +
    "Answers while the model still loads and when the store is down.",
  input,
  output,
  span: {},
  readOnly: true,
  deadline: true,
  async run(call, app) {
    // Loaded by the first call.
    const [{ present }, { render }] = await Promise.all([import("./present.js"), import("./render.js")]);
    const health = await app.health(call);
    const value = present(health, app.boot.version, call.trace.traceId);
    return { value, text: render(value, health) };
  },
};
