import type { Schemas } from "@/client/api";

type Finding = Schemas["Finding"];
type Version = Schemas["ModelVersion"];

/** How numbers are written in the reader's language. */
export interface Writing {
  share: (value: number) => string;
  points: (value: number) => string;
  plain: (value: number, digits: number) => string;
}

const SHARES: Record<string, string[]> = {
  better: ["candidate", "production"],
  class: ["candidate", "production", "limit"],
};
const DIGITS: Record<string, number> = { calibration: 3, speed: 2, size: 1 };

/** The words for what the gate found: the key of the sentence, and what stands in it. */
export function sentence(finding: Finding, write: Writing): { key: string; values: Record<string, string> } {
  const values: Record<string, string> = { subject: finding.subject ?? "" };
  for (const [name, value] of Object.entries(finding.numbers ?? {})) {
    if (SHARES[finding.check]?.includes(name)) values[name] = write.share(value);
    else if (["effect", "low", "high"].includes(name)) values[name] = write.points(value);
    else if (name === "p") values[name] = value < 0.001 ? `< ${write.plain(0.001, 3)}` : `= ${write.plain(value, 3)}`;
    else if (name === "times") values[name] = write.plain(value, 1);
    else values[name] = write.plain(value, Number.isInteger(value) ? 0 : (DIGITS[finding.check] ?? 2));
  }
  const worse = finding.check === "better" && (finding.numbers?.effect ?? 0) <= 0;
  const how = finding.passed ? "passed" : worse ? "worse" : "refused";
  return { key: `operate.models.gate.${finding.check}.${how}`, values };
}

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
