/** Refusals in words. */
import { Refusal } from "@/client/api";

/** The key of the words for a status; `has` says which keys there are. */
export function known(status: number, has: (key: string) => boolean): string {
  if (has(`problem.${status}`)) return `problem.${status}`;
  if (status === 502 || status === 504) return "problem.0";
  return status >= 500 ? "problem.server" : "problem.other";
}

/** The most bytes that are taken, where that was too much. The server says it in a sentence. */
export function limitOf(error: unknown): number | undefined {
  if (!(error instanceof Refusal) || error.status !== 413) return undefined;
  const said = [...error.problems.map((each) => each.message), error.message].join(" ");
  const found = /([\d,]+) bytes/.exec(said)?.[1];
  return found ? Number(found.replaceAll(",", "")) : undefined;
}
