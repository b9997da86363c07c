/** A store's child processes: found by its folder, stopped and let go on. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

/** Child processes of this one that have the folder open, oldest first. */
export function childPids(folder: string): number[] {
  const tasks = readdirSync(`/proc/${process.pid}/task`);
  const pids = tasks.flatMap((task) => read(`/proc/${process.pid}/task/${task}/children`).split(" "));
  return pids
    .filter((pid) => pid !== "")
    .map(Number)
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes(folder));
}

/** They stop where they are, until what is returned is called. */
export function stop(folder: string): () => void {
  const pids = childPids(folder);
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  return () => {
    for (const pid of pids) process.kill(pid, "SIGCONT");
  };
}

/** Empty for a process that has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
