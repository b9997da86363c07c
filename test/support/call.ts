/** Calls and passes for tests of what stands below the edge. */
import { Access, type CollectionPass } from "#src/core/access.js";
import { type Call, type CallOptions, openCall } from "#src/core/call.js";

const OPERATOR = Access.full("a test");

/** A call that may do everything and has no deadline, but for what is named. */
export function testCall(options: Partial<CallOptions> = {}): Call {
  return openCall({ principal: { id: "test" }, access: OPERATOR, ...options }).call;
}

/** One that is aborted already. */
export function abortedCall(): Call {
  return testCall({ signal: AbortSignal.abort() });
}

export function passFor(name: string): CollectionPass {
  return OPERATOR.collection(name);
}
