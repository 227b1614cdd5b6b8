import { familyOf, type Family } from "@/shared/media";
import type { Service } from "./graph";

export interface Group {
  family: Family;
  services: Service[];
}
const FAMILIES: Family[] = ["audio", "image", "text", "json", "file"];

/** Services by the types that they take, those that all words of a search say something about, `inPage` in the words of
 * the page's language too. One that takes several types stands at each; what was searched for, `once`. */
export function paletteOf(
  services: Iterable<Service>,
  words: string,
  inPage: (service: Service) => string,
  once = words !== "",
): Group[] {
  const sought = words.toLowerCase().split(/\s+/).filter(Boolean);
  const seen = new Set<Service>();
  const found = [...services].filter((each) => {
    const about = `${wordsOf(each)} ${inPage(each).toLowerCase()}`;
    return sought.every((word) => about.includes(word));
  });
  const at = (family: Family) =>
    found.filter((each) => {
      if (!familiesOf(each).has(family) || (once && seen.has(each))) return false;
      seen.add(each);
      return true;
    });
  return FAMILIES.map((family) => ({ family, services: at(family) })).filter((group) => group.services.length);
}

function familiesOf({ inputs }: Service): Set<Family> {
  const needed = inputs.filter((port) => !port.optional);
  return new Set((needed.length ? needed : inputs).map((port) => familyOf(port.media)));
}

/** The types that services take, or give, to choose one of: first those of sounds, then pictures and so on. */
export function typesOf(services: Iterable<Service>, side: "inputs" | "outputs"): string[] {
  const media = [...services].flatMap((service) => service[side].flatMap((port) => port.media));
  const rank = (type: string) => `${FAMILIES.indexOf(familyOf(type))} ${type}`;
  return [...new Set(media)].sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

/** All that a service can be found by: its name, what it is for, and the types that it takes and gives. */
function wordsOf(service: Service): string {
  const media = [...service.inputs, ...service.outputs].flatMap((port) => [port.name, ...port.media]);
  return [service.slug, service.name, service.summary, ...service.tags, ...media].join(" ").toLowerCase();
}
