/** Query embedding against the bare `session.run` on the same tokens plus one empty round trip to a child process. */

import { againstSameSession, BareInference, bareWithSameSession } from "./bare.js";
import { CALL } from "./call.js";
import { Corpus } from "./corpus.js";
import { defaultEmbedder } from "./default-embedder.js";
import { alternate, type Result, timed } from "./measure.js";

export async function queryEmbedding(quick: boolean): Promise<Result[]> {
  const corpus = new Corpus(1);
  const embedder = defaultEmbedder({ EMBEDDING_THREADS: "1" });
  const [bare, sameSession] = [new BareInference(), bareWithSameSession(1)];
  const vector = corpus.vector(384);
  const [rounds, iterations] = [quick ? 3 : 9, 100];
  // Each is asked once, so that no cache helps; the floor runs the same text.
  const queries = Array.from({ length: (rounds + 1) * iterations }, (_, i) => `${corpus.query()} ${i}`);
  const queryAt = (i: number) => queries[i] as string;
  try {
    await embedder.warmUp(CALL);
    const times = await alternate(
      {
        subject: (i) => timed(() => embedder.embed(CALL, [queryAt(i)], "query")),
        run: (i) => bare.run(queryAt(i)),
        sameSession: (i) => sameSession.run(queryAt(i)),
        roundTrip: () => bare.roundTrip(vector),
      },
      { rounds, iterations },
    );
    return [
      {
        name: "query embedding, p50",
        value: times.subject,
        floor: times.run + times.roundTrip,
        unit: "ms",
        floorIs: `bare run ${times.run.toFixed(2)} + round trip ${times.roundTrip.toFixed(2)}`,
        bar: { sign: "≤", factor: 1.2 },
        note: againstSameSession(times.subject, times.sameSession + times.roundTrip),
      },
    ];
  } finally {
    await Promise.all([embedder.close(), bare.close(), sameSession.close()]);
  }
}
