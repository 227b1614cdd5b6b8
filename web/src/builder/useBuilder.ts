import { useDebounceFn } from "@vueuse/core";
import { computed, ref, shallowRef, watch } from "vue";
import { api, asked, Refusal } from "@/client/api";
import { entryOf } from "@/client/pipelines";
import { useRun, type StepView } from "@/client/run";
import {
  apply,
  blank,
  copies,
  freeName,
  INPUTS,
  inputNode,
  origin,
  type Edit,
  type Pipeline,
  type Point,
  type Step,
} from "./document";
import { arranged, edgesOf, nodesOf, referenceOf, slugOf, typeOf, type Problem, type Service } from "./graph";
import { useHistory } from "./history";

/** A connection that cannot work: why, and services that would stand between. */
export interface Refused {
  message: string;
  from: string;
  step: string;
  port: string;
  converters: Service[];
}

const key = (problem: Problem) => [problem.code, problem.step, problem.port, problem.message].join("\0");

/** All that the builder knows and can do; the canvas, the list and the panels are views of it. */
export function useBuilder() {
  const history = useHistory();
  const { present: pipeline } = history;
  const services = shallowRef(new Map<string, Service>());
  const problems = shallowRef<Problem[]>([]);
  const selection = ref<string[]>([]);
  const refused = ref<Refused>();
  const error = shallowRef<unknown>();
  const revision = ref("");
  const kept = ref(false);
  const runId = ref<string>();
  const { run } = useRun(runId);
  /** The meaning of the document that was run: states of another one say nothing of this. */
  const ran = shallowRef<Step[]>();
  let clipboard: Step[] = [];

  const states = computed(() => {
    const known = new Map<string, StepView>();
    if (!run.value) return known;
    const same = new Set(
      (ran.value ?? []).filter((step) => pipeline.value.steps.includes(step)).map((step) => step.id),
    );
    for (const step of run.value.steps) if (same.has(step.id)) known.set(step.id, step);
    return known;
  });
  const nodes = computed(() => nodesOf(pipeline.value, services.value, problems.value, states.value));
  const edges = computed(() => edgesOf(pipeline.value, services.value, states.value));
  const selected = computed(() => pipeline.value.steps.find((step) => step.id === selection.value[0]));

  const verdict = (document: Pipeline) =>
    asked(api.POST("/pipelines/check", { body: document as never })).then((found) => found.problems);
  const check = useDebounceFn(async () => {
    const document = pipeline.value;
    try {
      const found = await verdict(document);
      if (document === pipeline.value) problems.value = found;
    } catch (refusal) {
      if (refusal instanceof Refusal && refusal.problems.length) problems.value = refusal.problems;
      else error.value = refusal;
    }
  }, 250);
  watch(pipeline, check);

  async function start(slug?: string): Promise<void> {
    error.value = undefined;
    try {
      const found = await asked(api.GET("/services", { params: { query: { limit: 500 } } }));
      services.value = new Map(found.items.map((service) => [service.slug, service]));
      if (slug) await open(slug);
      else history.open(blank());
    } catch (refusal) {
      error.value = refusal;
    }
  }

  async function open(slug: string): Promise<void> {
    const entry = await entryOf(slug);
    revision.value = String(entry.revision);
    kept.value = true;
    history.open(filled(entry.version.pipeline as never));
    void check();
  }

  const select = (nodes: string[]) => {
    selection.value = nodes;
  };

  const edit = (change: Edit, merge = "") => history.edit(change, merge);

  function addStep(service: Service, at: Point): string {
    const id = freeName(pipeline.value, service.slug);
    edit({ type: "add-step", step: { id, service: service.slug, params: {}, inputs: {} }, at });
    selection.value = [id];
    return id;
  }

  function addInput(media: string, at: Point): string {
    const name = freeName(pipeline.value, media.split("/")[0] === "application" ? "value" : media.split("/")[0]!);
    edit({ type: "add-input", name, input: { media }, at });
    selection.value = [inputNode(name)];
    return name;
  }

  /** Wire an output to an input, unless the server says that this cannot work. Gives whether it was done. */
  async function connect(node: string, output: string, target: string, port: string): Promise<boolean> {
    const from = referenceOf(node, output);
    const change: Edit = { type: "connect", from, step: target, port };
    const before = new Set((await verdict(pipeline.value)).map(key));
    const fresh = (await verdict(apply(pipeline.value, change))).filter(
      (problem) =>
        !before.has(key(problem)) && (problem.code === "cycle" || (problem.step === target && problem.port === port)),
    );
    const wrong = fresh.find((problem) => problem.code !== "list-to-one");
    if (wrong) {
      refused.value = {
        message: wrong.message,
        from,
        step: target,
        port,
        converters: await converters(from, target, port),
      };
      return false;
    }
    refused.value = undefined;
    edit(change);
    // A list for a port that takes one: the step runs once an item.
    if (fresh.length) edit({ type: "set-step", step: target, change: { map: port } }, "connect");
    return true;
  }

  /** Services that take what is offered and give what is wanted. */
  async function converters(from: string, target: string, port: string): Promise<Service[]> {
    const step = pipeline.value.steps.find((each) => each.id === target);
    const wanted = step && services.value.get(slugOf(step))?.inputs.find((each) => each.name === port)?.media;
    if (!wanted) return [];
    const offered = typeOf(pipeline.value, services.value, from);
    return [...services.value.values()].filter(
      (each) =>
        each.inputs.some((input) => fits(input.media, offered)) &&
        each.outputs.some((output) => fits(wanted, output.media)),
    );
  }

  /** Put a service between the two ends of a connection that was refused. */
  async function insert(service: Service): Promise<void> {
    const wish = refused.value;
    if (!wish) return;
    const place = nodes.value.find((node) => node.id === wish.step)?.position ?? { x: 0, y: 0 };
    const step = addStep(service, { x: place.x - 150, y: place.y - 130 });
    const offered = typeOf(pipeline.value, services.value, wish.from);
    const wanted = services.value.get(slugOf(pipeline.value.steps.find((each) => each.id === wish.step)!))!;
    const input = service.inputs.find((each) => fits(each.media, offered));
    const output = service.outputs.find((each) =>
      fits(wanted.inputs.find((port) => port.name === wish.port)!.media, each.media),
    );
    refused.value = undefined;
    if (input) edit({ type: "connect", from: wish.from, step, port: input.name });
    if (output) edit({ type: "connect", from: `${step}.${output.name}`, step: wish.step, port: wish.port });
  }

  function disconnect(target: string, port: string): void {
    if (target.startsWith("outputs.")) edit({ type: "set-output", name: target.slice("outputs.".length), from: null });
    else edit({ type: "disconnect", step: target, port });
  }

  function remove(): void {
    if (selection.value.length) edit({ type: "remove", nodes: selection.value });
    selection.value = [];
  }

  function copy(): void {
    clipboard = pipeline.value.steps.filter((step) => selection.value.includes(step.id));
  }

  function paste(): void {
    const steps = copies(pipeline.value, clipboard);
    const place = (index: number) =>
      nodes.value.find((node) => node.id === clipboard[index]!.id)?.position ?? { x: 0, y: 0 };
    const at = Object.fromEntries(
      steps.map((step, index) => [step.id, { x: place(index).x + 40, y: place(index).y + 60 }]),
    );
    if (steps.length) edit({ type: "paste", steps, at });
    selection.value = steps.map((step) => step.id);
  }

  /** Give what a step's port gives out under a name. */
  function offer(step: string, port: string): void {
    const taken = new Set(Object.keys(pipeline.value.outputs));
    let name = port === "output" ? step : port;
    while (taken.has(name)) name = `${name}_2`;
    edit({ type: "set-output", name, from: `${step}.${port}` });
  }

  async function tidy(): Promise<void> {
    edit({ type: "move", nodes: await arranged(pipeline.value, services.value) });
  }

  /** Keep the document: a new pipeline, or a new version of the one that was opened. */
  async function save(message: string): Promise<void> {
    const document = pipeline.value as never;
    const path = { slug: pipeline.value.id };
    const saved = kept.value
      ? await asked(
          api.PUT("/pipelines/{slug}", {
            params: { path, query: { message } as never, header: { "if-match": `"${revision.value}"` } as never },
            body: document,
          }),
        )
      : await asked(api.POST("/pipelines", { params: { query: { message } as never }, body: document }));
    revision.value = String((saved as { revision?: number }).revision ?? "");
    kept.value = true;
    history.save();
  }

  function follow(id: string): void {
    ran.value = pipeline.value.steps;
    runId.value = id;
  }

  return {
    ...history,
    pipeline,
    services,
    problems,
    selection,
    selected,
    refused,
    error,
    nodes,
    edges,
    states,
    run,
    kept,
    start,
    open,
    edit,
    select,
    addStep,
    addInput,
    connect,
    insert,
    disconnect,
    remove,
    copy,
    paste,
    offer,
    tidy,
    save,
    follow,
    valueOf: (from: string) => valueOf(from),
  };

  /** What an edge carries in the run that is watched. */
  function valueOf(from: string) {
    const [source, port] = origin(from);
    if (source === INPUTS) return run.value?.inputs[port];
    return states.value.get(source)?.outputs[port];
  }
}

/** Whether a port that takes one of these types can be fed by what gives those. A hint only: the server decides. */
function fits(wanted: string[], offered: string[]): boolean {
  const one = (want: string, offer: string) => {
    const [wantType, wantKind] = want.split(";kind=") as [string, string?];
    const [offerType, offerKind] = offer.split(";kind=") as [string, string?];
    const [family, sub] = wantType.split("/") as [string, string];
    const same = wantType === offerType || (sub === "*" && offerType.startsWith(`${family}/`));
    return same && (!wantKind || wantKind === offerKind);
  };
  return offered.length > 0 && offered.every((offer) => wanted.some((want) => one(want, offer)));
}

/** A document of the server with all that the canvas counts on. */
export function filled(document: Partial<Pipeline> & { id: string }): Pipeline {
  const empty = blank(document.id);
  const layout = { ...empty.layout, ...document.layout };
  const steps = (document.steps ?? []).map((step) => ({
    ...step,
    params: step.params ?? {},
    inputs: step.inputs ?? {},
  }));
  return { ...empty, ...document, layout, steps };
}

export type Builder = ReturnType<typeof useBuilder>;
