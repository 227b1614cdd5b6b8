import { computed, ref, shallowRef } from "vue";
import { freeName, INPUTS, inputNode, outputNode, OUTPUTS, type Point } from "./document";
import { arranged } from "./arranging";
import { edgesOf, nodesOf, type Service } from "./graph";
import { grouped, movesTo } from "./groups";
import { useHistory } from "./history";
import { freePlace } from "./places";

/** The document with its pasts, the services that there are, what is selected, and the plain edits of steps. */
export function useEditing() {
  const history = useHistory();
  const { present: pipeline, edit } = history;
  const services = shallowRef(new Map<string, Service>());
  const selection = ref<string[]>([]);
  const selected = computed(() => pipeline.value.steps.find((step) => step.id === selection.value[0]));
  /** What a request of the builder's came to, when it failed. */
  const failure = shallowRef<unknown>();

  const select = (nodes: string[]) => {
    selection.value = nodes;
  };

  /** What is asked for, or nothing: then `failure` says why. */
  async function attempt<Found>(action: () => Promise<Found>): Promise<Found | undefined> {
    failure.value = undefined;
    try {
      return await action();
    } catch (problem) {
      failure.value = problem;
      return undefined;
    }
  }

  function addInput(media: string, at: Point): string {
    const [family, sub] = media.split(";")[0]!.split("/") as [string, string];
    const name = freeName(pipeline.value, family === "application" ? (sub === "json" ? "value" : "file") : family);
    edit({ type: "add-input", name, input: { media }, at });
    select([inputNode(name)]);
    return name;
  }

  function disconnect(target: string, port: string): void {
    if (target.startsWith(`${OUTPUTS}.`))
      edit({ type: "set-output", name: target.slice(OUTPUTS.length + 1), from: null });
    else edit({ type: "disconnect", step: target, port });
  }

  function remove(): void {
    if (selection.value.length) edit({ type: "remove", nodes: selection.value });
    select([]);
  }

  /** Give what a step's port gives out under a name. */
  function offer(from: string): string {
    const [step, port] = from.split(".") as [string, string];
    const taken = new Set(Object.keys(pipeline.value.outputs));
    const wanted = port === "output" ? step : port;
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
    const place = { [outputNode(name)]: free(step) };
    edit({
      type: "all",
      edits: [
        { type: "set-output", name, from },
        { type: "move", nodes: place },
      ],
    });
    return name;
  }

  /** Give a node another name, if that is one and free. Gives whether it was done. */
  function rename(node: string, to: string): boolean {
    const { steps, inputs, outputs } = pipeline.value;
    const [kind, name] = node.split(".") as [string, string?];
    const known =
      kind === INPUTS ? inputs : kind === OUTPUTS ? outputs : Object.fromEntries(steps.map((s) => [s.id, s]));
    if (!/^[a-z][a-z0-9_]*$/.test(to) || to in known || (!name && to === INPUTS)) return false;
    if (!name) edit({ type: "rename-step", step: node, to });
    else edit({ type: kind === INPUTS ? "rename-input" : "rename-output", name, to });
    select([!name ? to : kind === INPUTS ? inputNode(to) : outputNode(to)]);
    return true;
  }

  /** A place where nothing stands yet, as `freePlace` finds it. */
  const free = (beside?: string, side?: 1 | -1) => freePlace(pipeline.value, services.value, beside, side);

  const tidying = ref(false);
  /** Give everything a tidy place. What is edited while the places are looked for is reckoned with. */
  async function tidy(): Promise<void> {
    if (tidying.value) return;
    tidying.value = true;
    try {
      let before, places;
      do {
        before = pipeline.value;
        const view = { nodes: nodesOf(before, services.value), edges: edgesOf(before, services.value) };
        places = await arranged(grouped(before, view));
      } while (before !== pipeline.value);
      edit(movesTo(before, services.value, places));
    } finally {
      tidying.value = false;
    }
  }

  return {
    ...history,
    pipeline,
    services,
    selection,
    selected,
    failure,
    attempt,
    select,
    addInput,
    disconnect,
    remove,
    offer,
    rename,
    free,
    tidying,
    tidy,
  };
}

export type Editing = ReturnType<typeof useEditing>;
