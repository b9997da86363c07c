/** Entry of the child processes: `node worker.js <folder>`. */
import { serve } from "../../process/serve.js";
import { createHandlers } from "./handlers.js";

process.umask(0o077);
const { calls, close } = createHandlers(process.argv[2] as string);
serve(calls, close);
