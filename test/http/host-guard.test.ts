import { describe, expect, it } from "vitest";
import { hostGuard } from "#src/http/host-guard.js";

describe("the host guard", () => {
  it("admits only the configured name when that is not this machine's own, and any name on every interface", () => {
    const internal = hostGuard("metrics.internal");
    expect(internal("metrics.internal:9103")).toBe(true);
    expect(internal("localhost")).toBe(false);
    expect(hostGuard("2001:db8::1")("[2001:db8::1]:9103")).toBe(true);
    for (const every of ["0.0.0.0", "::"]) expect(hostGuard(every)("anything.example")).toBe(true);
    expect(hostGuard("127.0.0.1")(undefined)).toBe(false);
  });
});
