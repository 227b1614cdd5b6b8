/** What stands in the market: narrowed down and put in order as the page's address says. */
import type { Schemas } from "@/client/api";
import { familyOf, type Family } from "@/shared/media";

export type Service = Schemas["Offer"];
export type Pipeline = Schemas["PipelineSummary"];
export interface Stock {
  services: Service[];
  pipelines: Pipeline[];
}
export interface Counts {
  services: Record<string, number>;
  pipelines: Record<string, number>;
}
export type Order = "best" | "name" | "used";
export interface Filter {
  q: string;
  takes: string;
  gives: string;
  tag: string;
  licence: string;
  health: string;
  sort: Order;
}

export const FACETS = ["takes", "gives", "tag", "licence", "health"] as const;
export type Facet = (typeof FACETS)[number];
export const FAMILIES: Family[] = ["audio", "image", "text", "json", "file"];
export const ORDERS: Order[] = ["best", "name", "used"];

/** The filter that an address says; what it says otherwise is left alone. */
export function filterOf(query: Record<string, unknown>): Filter {
  const said = (name: string) => (typeof query[name] === "string" ? query[name] : "");
  const sort = ORDERS.find((each) => each === query.sort) ?? "best";
  return {
    q: said("q"),
    takes: said("takes"),
    gives: said("gives"),
    tag: said("tag"),
    licence: said("licence"),
    health: said("health"),
    sort,
  };
}

/** What the address says of a filter: only what narrows. */
export function queryOf(filter: Filter): Record<string, string> {
  const said = Object.entries(filter).filter(([name, value]) => value && !(name === "sort" && value === "best"));
  return Object.fromEntries(said);
}

/** What a thing has of each facet; a pipeline has neither licence nor health of its own. */
function facets(thing: Service | Pipeline): Record<Facet, string[]> {
  if ("kind" in thing) {
    const takes = thing.inputs.map((port) => familyOf(port.media));
    const gives = thing.outputs.map((port) => familyOf(port.media));
    return { takes, gives, tag: thing.tags, licence: [thing.licence].filter(Boolean), health: [thing.health] };
  }
  const takes = Object.values(thing.inputs).map((input) => familyOf(input.media ?? "application/json"));
  return { takes, gives: Object.values(thing.gives).map(familyOf), tag: thing.tags, licence: [], health: [] };
}

function fits(thing: Service | Pipeline, filter: Filter, apart?: Facet): boolean {
  const has = facets(thing);
  return FACETS.every((facet) => facet === apart || !filter[facet] || has[facet].includes(filter[facet]));
}

const byName = (one: { name: string; slug: string }, other: { name: string; slug: string }) =>
  (one.name || one.slug).localeCompare(other.name || other.slug);

function sorted<Thing extends Service | Pipeline>(things: Thing[], order: Order, counts: Record<string, number>) {
  if (order === "best") return things;
  if (order === "name") return things.toSorted(byName);
  return things.toSorted((one, other) => (counts[other.slug] ?? 0) - (counts[one.slug] ?? 0) || byName(one, other));
}

/** What the filter leaves, in the order that it asks for. */
export function narrowed(stock: Stock, filter: Filter, counts: Counts = { services: {}, pipelines: {} }): Stock {
  const left = <Thing extends Service | Pipeline>(things: Thing[]) => things.filter((each) => fits(each, filter));
  return {
    services: sorted(left(stock.services), filter.sort, counts.services),
    pipelines: sorted(left(stock.pipelines), filter.sort, counts.pipelines),
  };
}

/** The choices that a facet offers, with how many each would leave beside the other facets. */
export function choices(stock: Stock, filter: Filter, facet: Facet): { value: string; count: number }[] {
  const found = new Map<string, number>();
  for (const thing of [...stock.services, ...stock.pipelines])
    if (fits(thing, filter, facet))
      for (const value of new Set(facets(thing)[facet])) found.set(value, (found.get(value) ?? 0) + 1);
  if (filter[facet] && !found.has(filter[facet])) found.set(filter[facet], 0);
  return [...found].map(([value, count]) => ({ value, count })).toSorted((a, b) => a.value.localeCompare(b.value));
}
