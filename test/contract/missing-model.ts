/** What a part does whose model is not on this machine yet. */
import { describe, expect, it } from "vitest";
import type { ModelStatus } from "#src/core/ports.js";
import { abortedCall, testCall } from "../support/call.js";
import type { Ask } from "./ended-calls.js";

export interface MissingModelFixture {
  /** Every method that needs the model. */
  readonly uses: Readonly<Record<string, Ask>>;
  status(): ModelStatus;
  /** How many downloads were begun. */
  downloads(): number;
  close(): Promise<void>;
}

export function missingModelContract(name: string, factory: () => Promise<MissingModelFixture>): void {
  describe(`${name} without its model`, () => {
    it("is idle, and downloads nothing for a caller that has left", async () => {
      const fixture = await factory();
      expect(fixture.status().state).toBe("idle");
      for (const use of Object.values(fixture.uses)) {
        await expect(use(abortedCall())).rejects.toMatchObject({ code: "cancelled" });
      }
      expect(fixture.downloads()).toBe(0);
      await fixture.close();
    });

    it("says that it is downloaded, whatever is asked of it, and begins that once", async () => {
      const fixture = await factory();
      for (const [method, use] of Object.entries(fixture.uses)) {
        await expect(use(testCall()), method).rejects.toMatchObject({
          code: "model_missing",
          message: expect.stringMatching(/ is being downloaded: \d+ %\.$/),
          remedy: expect.stringContaining("aura-retrieval models pull"),
          retryAfterMs: 5_000,
        });
      }
      expect(fixture.downloads()).toBe(1);
      expect(fixture.status()).toMatchObject({ state: "downloading", downloadPercent: expect.any(Number) });
      await fixture.close();
    });

    it("is cancelled once it is closed", async () => {
      const fixture = await factory();
      await fixture.close();
      for (const [method, use] of Object.entries(fixture.uses)) {
        await expect(use(testCall()), method).rejects.toMatchObject({ code: "cancelled" });
      }
      expect(fixture.downloads()).toBe(0);
    });
  });
}
