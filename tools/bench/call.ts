/** The call that everything here is measured under: nobody leaves, and nothing is over. */
import { backgroundCall } from "../../src/core/call.js";

export const CALL = backgroundCall("a benchmark fills and asks stores of its own");
