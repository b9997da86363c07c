import { UnsupportedProtocolVersionError } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { problemLog } from "#src/server/problem-log.js";

it("each kind of problem is one line, without anything a caller wrote", () => {
  const lines: string[] = [];
  const report = problemLog((line) => lines.push(line));
  for (let time = 0; time < 3; time++) {
    report("params must be an object.");
    report(new UnsupportedProtocolVersionError({ supported: [], requested: `SECRET${time}` }));
    report(new Error(`Discarded a notification claiming unsupported protocol revision SECRET${time}`));
    report(new SyntaxError(`SECRET${time}`));
    report(Object.assign(new Error("SECRET"), { code: "EPIPE" }));
  }
  expect(lines).toHaveLength(5);
  expect(lines.join("\n")).not.toContain("SECRET");
  for (const line of lines) expect(line.length).toBeLessThan(200);
});
