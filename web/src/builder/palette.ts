import { familyOf, kindOf, type Family } from "@/shared/media";
import type { Service } from "./graph";

export type Side = "takes" | "gives";
export interface Group {
  family: Family;
  services: Service[];
}
const FAMILIES: Family[] = ["audio", "image", "text", "json", "file"];

/** Services by the types that they take, or give, those that all words of a search say something about. */
export function paletteOf(
  services: Iterable<Service>,
  side: Side,
  words: string,
  nameOf: (family: Family) => string,
): Group[] {
  const sought = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [...services].filter((each) => {
    const about = wordsOf(each, nameOf);
    return sought.every((word) => about.includes(word));
  });
  const families = (service: Service) => {
    const ports = side === "gives" ? service.outputs : service.inputs.filter((port) => !port.optional);
    return new Set((ports.length ? ports : service.inputs).map((port) => familyOf(port.media)));
  };
  return FAMILIES.map((family) => ({ family, services: found.filter((each) => families(each).has(family)) })).filter(
    (group) => group.services.length,
  );
}

/** All that a service can be found by: its name, what it is for, and the types that it takes and gives. */
function wordsOf(service: Service, nameOf: (family: Family) => string): string {
  const media = [...service.inputs, ...service.outputs].flatMap((port) => [port.name, ...port.media]);
  const kinds = [...service.inputs, ...service.outputs].flatMap((port) => [
    nameOf(familyOf(port.media)),
    ...port.media.map(kindOf),
  ]);
  return [service.slug, service.name, service.summary, ...service.tags, ...media, ...kinds].join(" ").toLowerCase();
}
