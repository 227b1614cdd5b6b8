/** A version of a pipeline as its page shows it. */
import type { Schemas } from "@/client/api";
import type { Input } from "@/shared/trying";
import type { Node } from "./graph";

type Version = Schemas["PipelineEntry"]["version"];

export function detailsOf({ pipeline, services = {} }: Version) {
  const origin = (reference: string) => reference.split(".") as [string, string | undefined];
  const slugOf = new Map(pipeline.steps.map((step) => [step.id, step.service.split("@")[0]!]));
  const inputs: Input[] = Object.entries(pipeline.inputs ?? {}).map(([name, input]) => ({
    name,
    media: [input.media ?? "application/json"],
    description: input.description,
    many: input.many,
    optional: input.optional || (input.default !== null && input.default !== undefined),
    json_schema: input.schema && { ...input.schema, default: input.default ?? undefined },
  }));
  const outputs = Object.entries(pipeline.outputs ?? {}).map(([name, reference]) => {
    const [step, port] = origin(reference);
    const found = services[slugOf.get(step) ?? ""]?.outputs.find((each) => each.name === port);
    return { name, media: found?.media ?? [], description: found?.description, many: found?.many };
  });
  const graph: Node[] = pipeline.steps.map((step) => ({
    id: step.id,
    service: slugOf.get(step.id)!,
    after: [...new Set(Object.values(step.inputs ?? {}).map((each) => origin(each)[0]))].filter((id) => slugOf.has(id)),
  }));
  const names = Object.fromEntries(Object.entries(services).map(([slug, spec]) => [slug, spec.name]));
  return { inputs, outputs, graph, names };
}
