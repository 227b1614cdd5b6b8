/** Two runs beside each other: what is the same in both, and what differs. */
import type { Schemas } from "@/client/api";
import { files, type File, type Run, type StepView, type Value } from "@/client/run";

export type Plan = Schemas["Plan"];
export interface Side {
  run: Run;
  plan: Plan;
}
export interface Pair<Each> {
  name: string;
  left?: Each;
  right?: Each;
  same: boolean;
}
export interface StepPair extends Pair<StepView> {
  /** Service and version, as one text. */
  service: Pair<string>;
  params: Pair<unknown>[];
  outputs: Pair<File[]>[];
}

const names = (left: object, right: object) => [...new Set([...Object.keys(left), ...Object.keys(right)])];
const equal = (left: unknown, right: unknown) => canonical(left) === canonical(right);

/** JSON in which the order of names does not count. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) =>
      each && typeof each === "object" && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
        : each,
    ) ?? ""
  );
}

/** Values by name, of which the content counts. */
export function values(left: Record<string, Value>, right: Record<string, Value>): Pair<File[]>[] {
  return names(left, right).map((name) => {
    const [one, other] = [left[name], right[name]].map((value) => value && files(value));
    const same = equal(
      one?.map((file) => file.sha256),
      other?.map((file) => file.sha256),
    );
    return { name, left: one, right: other, same };
  });
}

export function steps(left: Side, right: Side): StepPair[] {
  const find = (side: Side, id: string) => ({
    step: side.run.steps.find((each) => each.id === id),
    task: side.plan.tasks.find((each) => each.id === id),
  });
  const ids = [...new Set([...left.plan.tasks, ...right.plan.tasks].map((task) => task.id))];
  return ids.map((name) => {
    const [one, other] = [find(left, name), find(right, name)];
    const service = pair("", text(one.task), text(other.task));
    const [a, b] = [one.task?.params ?? {}, other.task?.params ?? {}];
    const params = names(a, b).map((each) => pair(each, a[each] as unknown, b[each] as unknown));
    const outputs = values(one.step?.outputs ?? {}, other.step?.outputs ?? {});
    const alike = service.same && one.step?.status === other.step?.status;
    const same = alike && [...params, ...outputs].every((each) => each.same);
    return { name, left: one.step, right: other.step, same, service, params, outputs };
  });
}

export const pair = <Each>(name: string, left: Each | undefined, right: Each | undefined): Pair<Each> => ({
  ...{ name, left, right },
  same: equal(left, right),
});

const text = (task: Plan["tasks"][number] | undefined) => task && `${task.service} ${task.version}`;
