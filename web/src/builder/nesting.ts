/** Groups of steps stand in one another like boxes: each names the one that it is `within`. */
import type { Group } from "./document";

type Groups = Record<string, Group>;

/** The groups around a group, from the nearest outwards. */
export function around(groups: Groups, id: string): string[] {
  const found: string[] = [];
  for (let next = groups[id]?.within; next !== undefined && next in groups; next = groups[next]!.within) {
    if (next === id || found.includes(next)) break; // A document from elsewhere may turn in a circle.
    found.push(next);
  }
  return found;
}

/** The group that a step stands in directly. */
export const homeOf = (groups: Groups, step: string): string | undefined =>
  Object.keys(groups).find((id) => groups[id]!.steps.includes(step));

/** The groups around a step, from the nearest outwards. */
export function homesOf(groups: Groups, step: string): string[] {
  const home = homeOf(groups, step);
  return home === undefined ? [] : [home, ...around(groups, home)];
}

/** The groups that stand directly in a group. */
export const innerOf = (groups: Groups, id: string): string[] =>
  Object.keys(groups).filter((each) => around(groups, each)[0] === id);

/** All steps in a group, however deep. */
export const stepsWithin = (groups: Groups, id: string): string[] => [
  ...(groups[id]?.steps ?? []),
  ...Object.keys(groups).flatMap((each) => (around(groups, each).includes(id) ? groups[each]!.steps : [])),
];

/** The outermost closed group around a step: what is shown in its place. */
export const shutAround = (groups: Groups, step: string): string | undefined =>
  homesOf(groups, step).findLast((id) => groups[id]!.closed);

/** Groups as a document from elsewhere has them, without circles: those in one stand in none. */
export const straight = (groups: Groups): Groups =>
  Object.fromEntries(
    Object.entries(groups).map(([id, group]) => {
      const chain = [id, ...around(groups, id)];
      const circle = chain.includes(groups[chain.at(-1)!]?.within ?? "");
      return [id, circle ? nested(group, undefined) : group];
    }),
  );

/** Without groups that nothing is in. */
export const swept = (groups: Groups): Groups =>
  Object.fromEntries(Object.entries(groups).filter(([id]) => stepsWithin(groups, id).length));

/** Steps and groups put into a new group, which stands in the innermost one that all of them stand in. */
export function put(groups: Groups, id: string, title: string, steps: string[], inner: string[]): Groups {
  const chains = [...steps.map((step) => homesOf(groups, step)), ...inner.map((each) => around(groups, each))];
  const home = chains[0]?.find((each) => chains.every((chain) => chain.includes(each)));
  const gone = new Set(steps);
  const left = Object.entries(groups).map(([name, group]) => {
    const rest = { ...group, steps: group.steps.filter((step) => !gone.has(step)) };
    return [name, inner.includes(name) ? { ...rest, within: id } : rest] as const;
  });
  const made = swept({ ...Object.fromEntries(left), [id]: nested({ title, steps }, home) });
  return home !== undefined && steps.length && onlyHolds(made, home, id) ? opened(made, home) : made;
}

/** A group taken away: what is in it stands then in the one around it. */
export function opened(groups: Groups, id: string): Groups {
  const { [id]: gone, ...rest } = groups;
  if (!gone) return groups;
  const [outer] = around(groups, id);
  return Object.fromEntries(
    Object.entries(rest).map(([name, group]) => {
      if (name === outer) return [name, { ...group, steps: [...group.steps, ...gone.steps] }];
      return [name, around(groups, name)[0] === id ? nested(group, outer) : group];
    }),
  );
}

/** A group in another one, or in none. */
export function nested({ within: _, ...group }: Group, outer: string | undefined): Group {
  return outer === undefined ? group : { ...group, within: outer };
}

const onlyHolds = (groups: Groups, outer: string, inner: string) =>
  !groups[outer]?.steps.length && innerOf(groups, outer).join() === inner;
