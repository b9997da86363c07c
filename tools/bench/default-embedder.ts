/** The embedder that answers where nothing is configured, as the server makes it. */
import { type Env, loadConfig } from "../../src/config/load.js";
import type { Embedder } from "../../src/core/ports.js";
import { DEFAULT_PROFILE, type RetrievalProfile } from "../../src/core/profile.js";
import { createEmbedder } from "../../src/embed/index.js";
import { ModelFiles } from "../../src/models/model-files.js";

export function defaultEmbedder(env: Env): Embedder {
  const { boot, live } = loadConfig(env);
  const { embedder } = live.profiles.get(DEFAULT_PROFILE) as RetrievalProfile;
  const { inference } = boot;
  return createEmbedder(embedder, { models: live.models.embedders, files: new ModelFiles(boot), inference });
}
