/** Entry of a cross-encoder's inference process: loads verified files, then scores passages for a query. */
import { once } from "../core/once.js";
import { type Job, serve } from "../process/serve.js";
import { plainText } from "../text/plain-text.js";
import { bestWindow } from "./best-window.js";
import { CrossEncoderSession } from "./cross-encoder-session.js";
import { loadTokenizer, loadWeights, runFailed } from "./load-model.js";
import type { CrossEncoderLoad, Loaded, ScoreArgs } from "./protocol.js";
import { runEach } from "./run-each.js";

/** A longer job reports its first scores, so that nothing is lost when the caller's time is over. */
const REPORT_EVERY_MS = 8;

const load = JSON.parse(process.argv[2] as string) as CrossEncoderLoad;

/** @throws AppError `model_missing`, `model_failed` */
const open = once(async () => {
  const [session, tokenizer] = await Promise.all([
    loadWeights(load, (weights) => CrossEncoderSession.load(weights, load.device)),
    loadTokenizer(load),
  ]);
  return { tokenizer, session };
});

serve({
  async load(): Promise<Loaded> {
    const { tokenizer, session } = await open();
    // The runtime prepares its memory in the first run: no passage should wait for that.
    await session.score(tokenizer.encodePair("warm", "up", bestWindow)).catch(runFailed);
    return { checksumVerified: true };
  },
  /** One logit for each passage; the parts of the answer are its first ones. */
  async score({ query, texts }: ScoreArgs, job: Job): Promise<number[]> {
    const { tokenizer, session } = await open();
    const asked = plainText(query);
    const pairs = texts.map((text) => tokenizer.encodePair(asked, plainText(text), bestWindow));
    const logits: number[] = [];
    let reportedAt = performance.now();
    await runEach(pairs, job, async (pair) => {
      logits.push(await session.score(pair));
      if (performance.now() - reportedAt < REPORT_EVERY_MS || logits.length === pairs.length) return;
      job.part([...logits]);
      reportedAt = performance.now();
    });
    return logits;
  },
});
