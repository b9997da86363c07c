/** The built program serving HTTP, as a child process. */
import { type ChildProcess, spawn } from "node:child_process";
import { environment, MAIN, onCleanUp, type Settings } from "./server.js";

export interface HttpProcess {
  readonly process: ChildProcess;
  readonly url: string;
  /** All that it wrote to stderr so far. */
  said(): string;
  /** Its exit code. */
  readonly exited: Promise<number | null>;
}

/** @returns once it listens @throws what it said when it ended instead */
export async function startHttpServer(dataFolder: string, settings: Settings): Promise<HttpProcess> {
  const child = spawn(process.execPath, [MAIN, "serve", "--http"], {
    cwd: dataFolder,
    env: environment(dataFolder, { HTTP_LISTEN: "127.0.0.1:0", HTTP_READY_GRACE_MS: "0", ...settings }),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  onCleanUp(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  let said = "";
  const url = await new Promise<string>((done, fail) => {
    child.stderr.on("data", (chunk) => {
      said += chunk;
      const address = /serving MCP at (\S+)\n/.exec(said)?.[1];
      if (address !== undefined) done(address);
    });
    child.once("close", (code) => fail(new Error(`${code}: ${said}`)));
  });
  return { process: child, url, said: () => said, exited };
}
