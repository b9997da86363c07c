/** `aura-retrieval sources [collection]` */
import { Command } from "commander";
import type { SourceDocuments } from "../app/app.js";
import { sanitizeLine } from "../core/sanitize.js";
import { EXIT } from "./exit-codes.js";
import { operateOnce, type Shell } from "./shell.js";
import { table } from "./table.js";

export function sourcesCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("sources")
    .description("where a collection's documents come from: name, kind, number of documents, place")
    .argument("[collection]", "default: the configured one")
    .option("--json", "the answer as JSON")
    .action(async (collection: string | undefined, { json }: { readonly json?: boolean }) => {
      const answer = await operateOnce(shell, "sources", async (app, call) => {
        const name = collection ?? app.live.collection;
        return { collection: name, sources: await app.countDocuments(call, call.access.collection(name)) };
      });
      shell.print(json ? answer : list(answer.sources));
      finish(EXIT.ok);
    });
}

function list(sources: readonly SourceDocuments[]): string {
  if (sources.length === 0) return "No sources yet. Index one: aura-retrieval index <folder>";
  return table(
    sources.map(({ name, kind, documents, location }) => [
      sanitizeLine(name),
      kind,
      documents,
      documents === 1 ? "document" : "documents",
      sanitizeLine(location, 1_000),
    ]),
  );
}
