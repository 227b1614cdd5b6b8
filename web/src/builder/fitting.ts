/** What the server says fits: connections that could be made, and services that would stand between. */
import { api, asked } from "@/client/api";
import type { Schemas } from "@/client/api";
import type { Pipeline } from "./document";
import type { Edit } from "./edits";
import type { Service } from "./graph";

export type Wire = Schemas["Wire"];
/** The ends of a connection: what is read, and the port that reads it. */
export interface Wish {
  from: string;
  step: string;
  port: string;
}
interface Ends {
  source?: string;
  step?: string;
  port?: string;
}

export const wiresOf = (document: Pipeline, ends: Ends): Promise<Wire[]> =>
  asked(api.POST("/pipelines/wires", { params: { query: ends }, body: document as never })).then(
    (found) => found.items,
  );

/** Services with an input for all of `takes`, and an output that gives nothing but `gives`. */
export const servicesThat = (wanted: { takes?: string[]; gives?: string[] }): Promise<Service[]> =>
  asked(api.GET("/services", { params: { query: { ...wanted, limit: 500 } } })).then((found) => found.items);

/** The edits that make a connection. A list for a port that takes one: the step runs once an item. */
export function wired(document: Pipeline, wire: Wire): Edit[] {
  const { source: from, step, port } = wire;
  const map = document.steps.find((each) => each.id === step)?.map;
  const edits: Edit[] = [{ type: "connect", from, step, port }];
  if (wire.map && map !== port) edits.push({ type: "set-step", step, change: { map: port } });
  if (!wire.map && map === port) edits.push({ type: "set-step", step, change: { map: null } });
  return edits;
}
