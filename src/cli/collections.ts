/** `aura-retrieval collections` */
import { Command } from "commander";
import { fingerprintLabel } from "../core/fingerprint.js";
import type { CollectionInfo } from "../core/types.js";
import { EXIT } from "./exit-codes.js";
import type { Shell } from "./shell.js";

export function collectionsCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("collections")
    .description("collections and their versions; * serves")
    .option("--json", "the answer as JSON")
    .action(async (options: { json?: boolean }) => {
      const exit = await shell.withApp(async (app) => {
        const collections = await app.collections();
        shell.print(options.json ? JSON.stringify({ collections }) : render(collections));
        return EXIT.ok;
      });
      finish(exit);
    });
}

function render(collections: readonly CollectionInfo[]): string {
  if (collections.length === 0) return "No collections yet. Make one: aura-retrieval index <folder>";
  return collections
    .map((info) => {
      const model = info.spec ? fingerprintLabel(info.spec.fingerprint) : "unknown model";
      const size = `${info.documents} documents, ${info.points} passages`;
      return `${info.serving ? "*" : " "} ${info.alias}  ${info.name}  ${info.state}  ${size}  ${model}  ${info.createdAt}`;
    })
    .join("\n");
}
