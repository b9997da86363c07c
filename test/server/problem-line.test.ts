import { UnsupportedProtocolVersionError } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { problemLine } from "#src/server/problem-line.js";

it("each kind of problem has one line, without anything a caller wrote", () => {
  const lines = [1, 2, 3].flatMap((time) => [
    problemLine("params must be an object."),
    problemLine(new UnsupportedProtocolVersionError({ supported: [], requested: `SECRET${time}` })),
    problemLine(new Error(`Discarded a notification claiming unsupported protocol revision SECRET${time}`)),
    problemLine(new SyntaxError(`SECRET${time}`)),
    problemLine(Object.assign(new Error("SECRET"), { code: "EPIPE" })),
  ]);
  expect(new Set(lines).size).toBe(5);
  expect(lines.join("\n")).not.toContain("SECRET");
  for (const line of lines) expect(line.length).toBeLessThan(200);
});
