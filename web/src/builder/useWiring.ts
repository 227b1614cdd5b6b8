import { ref, shallowRef } from "vue";
import { freeName, outputNode, OUTPUTS, type Pipeline, type Point } from "./document";
import { apply, type Edit } from "./edits";
import { servicesThat, wired, wiresOf, type Wire, type Wish } from "./fitting";
import { placesOf, slugOf, sourceNode, typeOf, type Problem, type Service, type Services } from "./graph";
import type { Editing } from "./useEditing";

/** A connection that cannot work: why, and services that would stand between. */
export interface Refused extends Wish {
  problem: Problem;
  /** The types at its ends. */
  gives: string[];
  takes: string[];
  converters: Service[];
}
/** What a new step is wired to. */
interface Ends {
  from?: string;
  to?: { step: string; port: string };
}

/** Connections, made when they can work: whether they can is the server's to say. */
export function useWiring({ pipeline, services, edit, select, attempt }: Editing) {
  const refused = ref<Refused>();
  /** While a connection is drawn: the ports that it fits, as `step port`. */
  const fitting = shallowRef<Set<string>>();

  const takesOf = (step: string, port: string) => {
    const found = pipeline.value.steps.find((each) => each.id === step);
    return (found && services.value.get(slugOf(found))?.inputs.find((each) => each.name === port)?.media) || [];
  };

  /** Wire an output to an input, unless the server says that this cannot work. Gives whether it was done. */
  async function connect(from: string, step: string, port: string): Promise<boolean> {
    refused.value = undefined;
    if (step.startsWith(`${OUTPUTS}.`)) {
      edit({ type: "set-output", name: step.slice(OUTPUTS.length + 1), from });
      return true;
    }
    const document = pipeline.value;
    const [wire] = (await attempt(() => wiresOf(document, { source: from, step, port }))) ?? [];
    if (!wire) return false;
    if (wire.problem) await refuse({ from, step, port }, wire.problem);
    else edit({ type: "all", edits: wired(document, wire) });
    return !wire.problem;
  }

  async function refuse(wish: Wish, problem: Problem): Promise<void> {
    const [gives, takes] = [typeOf(pipeline.value, services.value, wish.from), takesOf(wish.step, wish.port)];
    const converters =
      problem.code === "type-mismatch" ? await attempt(() => servicesThat({ takes: gives, gives: takes })) : [];
    refused.value = { ...wish, problem, gives, takes, converters: converters ?? [] };
  }

  /** Add a step, wired to what it is for. Gives its name, or nothing when it does not fit there. */
  async function place(service: Service, at: Point, ends: Ends = {}): Promise<string | undefined> {
    const id = freeName(pipeline.value, service.slug);
    const edits: Edit[] = [{ type: "add-step", step: { id, service: service.slug, params: {}, inputs: {} }, at }];
    const drafted = () => edits.reduce(apply, pipeline.value);
    const wire = async (find: (draft: Pipeline) => Promise<Wire[]>) => {
      const draft = drafted();
      const found = await find(draft);
      const best = found.find((each) => !each.problem && !each.map) ?? found.find((each) => !each.problem);
      if (best) edits.push(...wired(draft, best));
      return best !== undefined;
    };
    const { from, to } = ends;
    const done = await attempt(async () => {
      if (from && !(await wire((draft) => wiresOf(draft, { source: from, step: id })))) return false;
      if (to?.step.startsWith(`${OUTPUTS}.`)) return give(service, id, to.port, edits);
      return (
        !to || wire(async (draft) => (await wiresOf(draft, to)).filter((each) => each.source.startsWith(`${id}.`)))
      );
    });
    if (!done) return undefined;
    edit({ type: "all", edits });
    select([id]);
    return id;
  }

  /** Put a service between the two ends of a connection that was refused, or that is there. */
  async function insert(service: Service, wish: Wish | undefined = refused.value, at?: Point): Promise<boolean> {
    if (!wish) return false;
    const to = { step: wish.step, port: wish.port };
    const done = await place(service, at ?? middle(pipeline.value, services.value, wish), { from: wish.from, to });
    if (done) refused.value = undefined;
    return done !== undefined;
  }

  /** Show which ports could read a reference, until `undefined` ends it. */
  async function show(source: string | undefined): Promise<void> {
    fitting.value = undefined;
    if (!source) return;
    const found = (await attempt(() => wiresOf(pipeline.value, { source }))) ?? [];
    fitting.value = new Set(found.filter((each) => !each.problem).map((each) => `${each.step} ${each.port}`));
  }

  return { refused, fitting, connect, place, insert, show };
}

/** Let the pipeline give out what a new step gives, under a name that it gave something out before. */
function give(service: Service, id: string, name: string, edits: Edit[]): boolean {
  const [first] = service.outputs;
  if (first) edits.push({ type: "set-output", name, from: `${id}.${first.name}` });
  return first !== undefined;
}

/** A place between the ends of a connection; below it when they stand close together. */
function middle(pipeline: Pipeline, services: Services, { from, step }: Wish): Point {
  const places = placesOf(pipeline, services);
  const here = places.get(sourceNode(from)) ?? { x: 0, y: 0 };
  const there = places.get(step) ?? places.get(outputNode(step)) ?? { x: here.x + 600, y: here.y };
  const close = Math.abs(there.x - here.x) < 480;
  return { x: Math.round((here.x + there.x) / 2), y: Math.round((here.y + there.y) / 2) + (close ? 150 : 0) };
}
