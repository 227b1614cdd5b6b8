import type { Schemas } from "@/client/api";

type Version = Schemas["ModelVersion"];

export const FIGURES = ["accuracy", "macro_f1", "ece", "megabytes"] as const;
export type Figure = (typeof FIGURES)[number];

/** Whether a change of a figure is for the better; undefined when there is none to speak of. */
export function improved(figure: Figure, before: number, after: number): boolean | undefined {
  if (Math.abs(after - before) < 0.0005) return undefined;
  return after > before === (figure === "accuracy" || figure === "macro_f1");
}

/** Bytes of the model itself, without what lies beside it. */
export const sizeOf = (version: Version): number => version.files["model.onnx"]?.size ?? 0;

/** Which version one would compare with: what is in production, else the one before. */
export function rival(version: number, production: number, numbers: readonly number[]): number | undefined {
  if (production && production !== version) return production;
  return [...numbers].sort((a, b) => b - a).find((number) => number < version) ?? numbers.find((n) => n !== version);
}
