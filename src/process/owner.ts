/** Who a process is to others that look at what it holds, and whether it still runs. */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Where a process's number means that process: containers of one name have numbers of their own, a machine new ones with each start. */
const HOST = `${hostname()}${numbering()}`;

function numbering(): string {
  try {
    const numbers = readFileSync("/proc/sys/kernel/random/boot_id", "utf8") + readlinkSync("/proc/self/ns/pid");
    return `/${createHash("sha256").update(numbers).digest("hex").slice(0, 8)}`;
  } catch {
    return ""; // no Linux
  }
}

/** `host:pid` */
export function thisProcess(pid = process.pid): string {
  return `${HOST}:${pid}`;
}

/** Whether `host:pid[:…]` names a process that has ended, and whose number means the same here. */
export function isGone(owner: string): boolean {
  const [host, pid] = owner.split(":");
  if (host !== HOST || !/^[1-9]\d*$/.test(pid ?? "")) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
