import { INPUTS, origin, type Pipeline } from "./document";
import { apply, type Edit } from "./edits";
import { servicesThat, wired, wiresOf, type Wire } from "./fitting";
import { typeOf, type Service } from "./graph";
import type { Editing } from "./useEditing";

/** Another service in the place of a step's: what fits stays connected, the rest is left open. */
export function useReplacing({ pipeline, services, edit, select, attempt }: Editing) {
  /** Services that could stand in the place of a step's, by what it reads and who reads it; the server says which. */
  async function replacements(step: string): Promise<Service[]> {
    const document = pipeline.value;
    const [from] = Object.values(document.steps.find((each) => each.id === step)?.inputs ?? {});
    const [reader] = readersOf(document, step);
    const wanted = reader && services.value.get(serviceOf(document, reader.step))?.inputs;
    const gives = wanted?.find((port) => port.name === reader!.port)?.media;
    const takes = from ? typeOf(document, services.value, from) : [];
    return servicesThat({ ...(takes.length && { takes }), ...(gives && { gives }) });
  }

  async function swap(id: string, service: Service): Promise<void> {
    const before = pipeline.value;
    const old = before.steps.find((each) => each.id === id);
    if (!old) return;
    const edits: Edit[] = [
      { type: "set-step", step: id, change: { service: service.slug, map: null, params: {}, inputs: {} } },
    ];
    const drafted = () => edits.reduce(apply, before);
    const wire = (found: Wire[], name: string) => {
      const best = found.find((each) => each.port === name || each.source.endsWith(`.${name}`)) ?? found[0];
      if (best) edits.push(...wired(drafted(), best));
      return best;
    };
    const done = await attempt(async () => {
      const used = new Set<string>();
      for (const [port, from] of Object.entries(old.inputs)) {
        const found = (await wiresOf(drafted(), { source: from, step: id })).filter(
          (each) => !each.problem && !used.has(each.port),
        );
        used.add(wire(found, port)?.port ?? "");
      }
      for (const { step, port, name } of readersOf(before, id)) {
        const found = await wiresOf(drafted(), { step, port });
        if (
          !wire(
            found.filter((each) => !each.problem && origin(each.source)[0] === id),
            name,
          )
        )
          edits.push({ type: "disconnect", step, port });
      }
      return true;
    });
    if (!done) return;
    edits.push(...outputsOf(before, id, service));
    edit({ type: "all", edits });
    select([id]);
  }

  return { swap, replacements };
}

const serviceOf = (document: Pipeline, step: string) =>
  document.steps.find((each) => each.id === step)?.service.split("@")[0] ?? "";

/** The ports that read a step, and the name of what they read. */
const readersOf = (document: Pipeline, id: string) =>
  document.steps.flatMap((step) =>
    Object.entries(step.inputs)
      .filter(([, from]) => id !== INPUTS && origin(from)[0] === id)
      .map(([port, from]) => ({ step: step.id, port, name: origin(from)[1] })),
  );

/** What the pipeline gave out of a step it gives out of the new service: what has the same name, else the first. */
const outputsOf = (document: Pipeline, id: string, { outputs }: Service): Edit[] =>
  Object.entries(document.outputs)
    .filter(([, from]) => origin(from)[0] === id)
    .map(([name, from]) => {
      const port = outputs.find((each) => each.name === origin(from)[1]) ?? outputs[0];
      return { type: "set-output", name, from: port ? `${id}.${port.name}` : null };
    });
