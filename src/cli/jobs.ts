/** `aura-retrieval jobs list|show|cancel` */
import { Command } from "commander";
import { presentJob } from "../api/reindex/present.js";
import { renderJob } from "../api/reindex/render.js";
import { isUnderWay, type Job } from "../core/job.js";
import { EXIT } from "./exit-codes.js";
import { operateOnce, type Shell } from "./shell.js";
import { table } from "./table.js";

interface JsonOption {
  readonly json?: boolean;
}

export function jobsCommand(shell: Shell, finish: (code: number) => void): Command {
  const command = new Command("jobs").description("index jobs of every process: list, show, cancel");

  command
    .command("list", { isDefault: true })
    .description("the latest jobs, newest first (the default)")
    .option("--json", "the answer as JSON")
    .action(async ({ json }: JsonOption) => {
      const jobs = await operateOnce(shell, "jobs", (app, call) => app.jobs(call));
      shell.print(json ? { jobs: jobs.map(presentJob) } : list(jobs));
      finish(EXIT.ok);
    });

  command
    .command("show <job>")
    .description("what a job has done, and why it ended")
    .option("--json", "the answer as JSON")
    .action(async (id: string, { json }: JsonOption) => {
      const job = await operateOnce(shell, "jobs", (app, call) => app.job(call, id));
      shell.print(json ? { job: presentJob(job) } : renderJob(job));
      finish(EXIT.ok);
    });

  command
    .command("cancel <job>")
    .description("end a job, whichever process runs it; what it has written stays")
    .option("--json", "the answer as JSON")
    .action(async (id: string, { json }: JsonOption) => {
      const job = await operateOnce(shell, "cancel", (app, call) => app.cancelJob(call, id));
      const told = isUnderWay(job) ? `Job ${id} was told to end and has not yet.` : renderJob(job);
      shell.print(json ? { job: presentJob(job) } : told);
      finish(EXIT.ok);
    });

  for (const sub of command.commands) sub.exitOverride();
  return command;
}

function list(jobs: readonly Job[]): string {
  if (jobs.length === 0) return "No jobs yet. Start one: aura-retrieval index <folder>";
  return table(
    jobs.map(({ id, state, phase, collection, mode, source, documents, startedAt }) => [
      id,
      isUnderWay({ state }) ? `${state}, ${phase}` : state,
      collection,
      mode,
      `${documents.seen}${documents.total === undefined ? "" : `/${documents.total}`}`,
      "documents",
      startedAt,
      source,
    ]),
  );
}
