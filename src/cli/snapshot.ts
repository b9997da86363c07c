/** `aura-retrieval snapshot create|list|restore|delete` */
import { Command } from "commander";
import { fingerprintLabel } from "../core/fingerprint.js";
import type { SnapshotInfo } from "../core/types.js";
import { EXIT } from "./exit-codes.js";
import { operateOnce, type Shell } from "./shell.js";
import { table } from "./table.js";

interface JsonOption {
  readonly json?: boolean;
}

export function snapshotCommand(shell: Shell, finish: (code: number) => void): Command {
  const command = new Command("snapshot").description(
    "copies of versions, to restore from: create, list, restore, delete",
  );

  command
    .command("create [collection]")
    .description("copy the version that a collection serves, or the version named")
    .option("--json", "the answer as JSON")
    .action(async (collection: string | undefined, { json }: JsonOption) => {
      const snapshot = await operateOnce(shell, "snapshot", (app, call) =>
        app.snapshot(call, call.access.collection(collection ?? app.live.collection)),
      );
      const { name, documents, points, bytes } = snapshot;
      shell.print(
        json ? { snapshot } : `Snapshot ${name}: ${documents} documents, ${points} passages, ${megabytes(bytes)}.`,
      );
      finish(EXIT.ok);
    });

  command
    .command("list")
    .description("all snapshots, newest first")
    .option("--json", "the answer as JSON")
    .action(async ({ json }: JsonOption) => {
      const snapshots = await operateOnce(shell, "snapshots", (app, call) => app.snapshots(call));
      shell.print(json ? { snapshots } : list(snapshots));
      finish(EXIT.ok);
    });

  command
    .command("restore <snapshot>")
    .description("make a version of a snapshot and verify it; it serves only when that is asked for")
    .option("--serve", "switch to it when it is verified")
    .option("--json", "the answer as JSON")
    .action(async (snapshot: string, { serve = false, json }: JsonOption & { serve?: boolean }) => {
      const restored = await operateOnce(shell, "restore", (app, call) => app.restore(call, snapshot, { serve }));
      const { alias, version, documents, points, previous } = restored;
      const next = serve
        ? `"${alias}" now serves it (before: ${previous ?? "nothing"}).`
        : `To serve it: aura-retrieval rollback ${alias} --to ${version}`;
      shell.print(
        json
          ? { snapshot, ...restored }
          : `Restored and verified ${version}: ${documents} documents, ${points} passages.\n${next}`,
      );
      finish(EXIT.ok);
    });

  command
    .command("delete <snapshot>")
    .description("delete a snapshot; versions restored from it stay")
    .option("--json", "the answer as JSON")
    .action(async (snapshot: string, { json }: JsonOption) => {
      await operateOnce(shell, "delete_snapshot", (app, call) => app.deleteSnapshot(call, snapshot));
      shell.print(json ? { snapshot, deleted: true } : `Deleted ${snapshot}.`);
      finish(EXIT.ok);
    });

  for (const sub of command.commands) sub.exitOverride();
  return command;
}

function list(snapshots: readonly SnapshotInfo[]): string {
  if (snapshots.length === 0) return "No snapshots yet. Make one: aura-retrieval snapshot create";
  return table(
    snapshots.map(({ name, spec, documents, points, bytes, createdAt }) => [
      name,
      documents,
      "documents",
      points,
      "passages",
      megabytes(bytes),
      fingerprintLabel(spec.fingerprint),
      createdAt,
    ]),
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
