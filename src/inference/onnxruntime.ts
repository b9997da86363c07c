/**
 * The ONNX runtime without its telemetry, which writes into the user's cache folder and sends the model's name and the
 * machine's processor to its makers.
 */
export { InferenceSession, Tensor } from "onnxruntime-node";

// The library looks when its first session is made.
process.env.ORT_DISABLE_TELEMETRY = "1";
