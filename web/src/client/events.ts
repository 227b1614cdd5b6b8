/** What happens in a run, as the server tells it. */
import type { Schemas } from "./api";
import type { Run, StepView } from "./run";

type Problem = Schemas["Problem"];

/** What an event says of a value: its name and link are ours to make. */
export interface Artifact {
  sha256: string;
  media_type: string;
  size: number;
}
export type Held = Artifact | Artifact[];
export type StepState = Omit<StepView, "outputs"> & { outputs: Record<string, Held> };
export type Event =
  | { type: "run-accepted"; seq: number; at: number }
  | { type: "run-started"; seq: number; at: number; given: Record<string, StepState> }
  | { type: "step-changed"; seq: number; at: number; step: StepState }
  | {
      type: "run-finished";
      seq: number;
      at: number;
      status: Run["status"];
      outputs: Record<string, Held>;
      problems: Problem[];
    };

const TYPES: Event["type"][] = ["run-accepted", "run-started", "step-changed", "run-finished"];

/** Hear the events of a run that come after a number. `lost` is called when nothing more comes. Gives how to stop. */
export function listen(run: string, after: number, hear: (event: Event) => void, lost: () => void): () => void {
  const source = new EventSource(`/runs/${run}/events?after=${after}`);
  source.onerror = lost;
  for (const type of TYPES) source.addEventListener(type, (message) => hear(JSON.parse(message.data) as Event));
  return () => source.close();
}
