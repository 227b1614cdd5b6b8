/** What can be chosen to be wired to an end, or added: each with what choosing it does. */
import { familyOf, type Family } from "@/shared/media";
import { INPUTS, OUTPUTS, origin, type Point } from "./document";
import { servicesThat, wired, wiresOf, type Wire, type Wish } from "./fitting";
import { slugOf, sourceNode, typeOf, type Service } from "./graph";
import type { Builder } from "./useBuilder";
import type { Choice } from "./useView";

export interface Item {
  key: string;
  group: "steps" | "services" | "pipeline" | "unfit";
  title: string;
  detail: string;
  family: Family;
  /** Why it does not fit. */
  wire?: Wire;
  pick: () => Promise<unknown>;
}

/** What the inputs of a pipeline can be, to begin with. */
export const MEDIA: Record<Exclude<Family, "file">, string> = {
  audio: "audio/*",
  image: "image/*",
  text: "text/plain",
  json: "application/json",
};

/** Names of the words that a choice needs of the page's language. */
export interface Words {
  input: (family: Family) => string;
  giveOut: string;
  newInput: string;
}

export function choicesOf(builder: Builder, choice: Choice, words: Words): Promise<Item[]> {
  if (choice.kind === "from") return readersOf(builder, choice.sources, choice.at, words);
  if (choice.kind === "to") return sourcesOf(builder, choice.step, choice.port, choice.at, words);
  if (choice.kind === "replace") return replacementsOf(builder, choice.step);
  if (choice.kind === "between") return convertersOf(builder, choice.wish);
  return Promise.resolve(everything(builder, choice.at, words));
}

function everything(builder: Builder, at: Point | undefined, words: Words): Item[] {
  const inputs = Object.entries(MEDIA).map(([family, media]) => ({
    key: media,
    group: "pipeline" as const,
    title: words.input(family as Family),
    detail: media,
    family: family as Family,
    pick: async () => builder.addInput(media, at ?? builder.free()),
  }));
  const services = [...builder.services.value.values()].map((service) =>
    serviceItem(service, service.inputs[0]?.media ?? [], () => builder.place(service, at ?? builder.free())),
  );
  return [...services, ...inputs];
}

/** Services for the place of a step's: first those that what it reads and who reads it fit. */
async function replacementsOf(builder: Builder, step: string): Promise<Item[]> {
  const found = await builder.replacements(step);
  const fit = new Set(found.map((service) => service.slug));
  return [...builder.services.value.values()].map((service) => ({
    ...serviceItem(service, service.inputs[0]?.media ?? [], () => builder.swap(step, service)),
    group: fit.has(service.slug) ? "services" : "unfit",
  }));
}

async function convertersOf(builder: Builder, wish: Wish): Promise<Item[]> {
  const { pipeline, services } = builder;
  const reader = pipeline.value.steps.find((each) => each.id === wish.step);
  const gives = reader && services.value.get(slugOf(reader))?.inputs.find((each) => each.name === wish.port)?.media;
  const takes = typeOf(pipeline.value, services.value, wish.from);
  const found = await servicesThat({ takes, ...(gives ? { gives } : {}) });
  return found.map((service) => serviceItem(service, takes, () => builder.insert(service, wish)));
}

async function readersOf(builder: Builder, sources: string[], at: Point | undefined, words: Words): Promise<Item[]> {
  const found = await Promise.all(
    sources.map(async (from) => {
      const media = typeOf(builder.pipeline.value, builder.services.value, from);
      const [wires, services] = await Promise.all([
        wiresOf(builder.pipeline.value, { source: from }),
        servicesThat({ takes: media }),
      ]);
      const add = services.map((service) =>
        serviceItem(
          service,
          media,
          () =>
            builder.place(service, at ?? builder.free(sourceNode(from)), {
              from,
            }),
          sources.length > 1 ? from : "",
        ),
      );
      const give: Item = {
        key: `give ${from}`,
        group: "pipeline",
        title: words.giveOut,
        detail: from,
        family: familyOf(media),
        pick: async () => builder.select([`${OUTPUTS}.${builder.offer(from)}`]),
      };
      const known = wires.filter((wire) =>
        builder.pipeline.value.steps.every((s) => s.id !== wire.step || s.inputs[wire.port] !== from),
      );
      const title = (wire: Wire) =>
        sources.length > 1 ? `${from} → ${wire.step}.${wire.port}` : `${wire.step}.${wire.port}`;
      const wire = known.map((each) => wireItem(builder, each, title(each), media));
      return [...wire, ...add, ...(from.startsWith(`${INPUTS}.`) ? [] : [give])];
    }),
  );
  return found.flat();
}

async function sourcesOf(
  builder: Builder,
  step: string,
  port: string | undefined,
  at: Point | undefined,
  words: Words,
): Promise<Item[]> {
  const { pipeline, services } = builder;
  const self = pipeline.value.steps.find((each) => each.id === step);
  const ports = ((self && services.value.get(slugOf(self))?.inputs) ?? []).filter(
    (each) => !port || each.name === port,
  );
  const found = await Promise.all(
    ports.map(async ({ name, media }) => {
      const [wires, givers] = await Promise.all([
        wiresOf(pipeline.value, { step, port: name }),
        servicesThat({ gives: media }),
      ]);
      const before = () => at ?? builder.free(step, -1);
      const to = { step, port: name };
      const label = port ? "" : name;
      const add = givers.map((service) =>
        serviceItem(service, media, () => builder.place(service, before(), { to }), label),
      );
      const input: Item = {
        key: `input ${name}`,
        group: "pipeline",
        title: words.newInput,
        detail: `${label ? `${label} ← ` : ""}${media[0]}`,
        family: familyOf(media),
        pick: async () => {
          const made = builder.addInput(media[0]!, before());
          await builder.connect(`${INPUTS}.${made}`, step, name);
        },
      };
      const known = wires.filter((wire) => self?.inputs[name] !== wire.source && origin(wire.source)[0] !== step);
      const title = (wire: Wire) => (label ? `${name} ← ${wire.source}` : wire.source);
      const items = known.map((wire) =>
        wireItem(builder, wire, title(wire), typeOf(pipeline.value, services.value, wire.source)),
      );
      return [...items, ...add, input];
    }),
  );
  return found.flat();
}

function wireItem(builder: Builder, wire: Wire, title: string, media: string[]): Item {
  return {
    key: `${wire.source} ${wire.step}.${wire.port}`,
    group: wire.problem ? "unfit" : "steps",
    title,
    detail: "",
    family: familyOf(media),
    wire,
    pick: async () => {
      // One that does not fit is asked for all the same: the answer says why, and what would stand between.
      if (wire.problem) return builder.connect(wire.source, wire.step, wire.port);
      builder.edit({ type: "all", edits: wired(builder.pipeline.value, wire) });
    },
  };
}

function serviceItem(service: Service, media: readonly string[], pick: () => Promise<unknown>, label = ""): Item {
  const detail = label ? `${label} · ${service.summary}` : service.summary;
  const key = `${service.slug} ${label}`;
  return { key, group: "services", title: service.name, detail, family: familyOf(media), pick };
}
