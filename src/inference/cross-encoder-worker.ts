/** Entry of a cross-encoder's inference process: loads what it is told to, verified, then scores passages for a query. */
import { type Job, serve } from "../process/serve.js";
import { bestWindow } from "./best-window.js";
import { CrossEncoderSession } from "./cross-encoder-session.js";
import { loadTokenizer, loadWeights, runFailed } from "./load-model.js";
import type { CrossEncoderLoad, Loaded, ScoreArgs } from "./protocol.js";
import { runEach } from "./run-each.js";
import type { Tokenizer } from "./tokenizer.js";

const load = JSON.parse(process.argv[2] as string) as CrossEncoderLoad;
let opened: Promise<{ tokenizer: Tokenizer; session: CrossEncoderSession }> | undefined;

function open(): Promise<{ tokenizer: Tokenizer; session: CrossEncoderSession }> {
  opened ??= (async () => {
    const [session, tokenizer] = await Promise.all([
      loadWeights(load, (weights) => CrossEncoderSession.load(weights, load.device)),
      loadTokenizer(load),
    ]);
    return { tokenizer, session };
  })();
  return opened;
}

serve({
  async load(): Promise<Loaded> {
    const { tokenizer, session } = await open();
    // The runtime prepares its memory in the first run: no passage should wait for that.
    await session.score(tokenizer.encodePair("warm", "up", bestWindow)).catch(runFailed);
    return { checksumVerified: true };
  },
  /** One logit for each passage. */
  async score({ query, texts }: ScoreArgs, job: Job): Promise<number[]> {
    const { tokenizer, session } = await open();
    const pairs = texts.map((text) => tokenizer.encodePair(query, text, bestWindow));
    return runEach(pairs, job, (pair) => session.score(pair));
  },
});
