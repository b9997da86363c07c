import { describe, expect, it } from "vitest";
import { LiveState } from "#src/app/live-state.js";
import type { Session } from "#src/app/session.js";
import { loadConfig } from "#src/config/load.js";

function stateOf() {
  const closed: string[] = [];
  const session = { close: () => void closed.push("session") } as unknown as Session;
  return { state: new LiveState(loadConfig({}).live, session), closed };
}

describe("a state of the configuration", () => {
  it("keeps its parts while a call uses it, though another has become the current one", async () => {
    const { state, closed } = stateOf();
    let finish: () => void = () => undefined;
    const call = state.use(() => new Promise<void>((done) => (finish = done)));
    state.leave(); // another one is current now
    expect(closed).toEqual([]);
    finish();
    await call;
    expect(closed).toEqual(["session"]);
  });

  it("keeps its parts for the next call after one that failed", async () => {
    const { state, closed } = stateOf();
    await expect(state.use(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(closed).toEqual([]);
    state.leave();
    expect(closed).toEqual(["session"]);
  });

  it("names its profiles, and refuses others with the names there are", () => {
    const { state } = stateOf();
    expect(state.named(undefined).name).toBe("default");
    expect(state.named("staging").name).toBe("staging");
    const refused = {
      code: "bad_request",
      remedy: expect.stringContaining("default, development, staging, production"),
    };
    expect(() => state.named("none")).toThrow(expect.objectContaining(refused));
  });
});
