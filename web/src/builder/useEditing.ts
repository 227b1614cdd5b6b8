import { computed, ref, shallowRef } from "vue";
import { freeName, inputNode, type Point } from "./document";
import { arranged, type Service } from "./graph";
import { useHistory } from "./history";

/** The document with its pasts, the services that there are, what is selected, and the plain edits of steps. */
export function useEditing() {
  const history = useHistory();
  const { present: pipeline, edit } = history;
  const services = shallowRef(new Map<string, Service>());
  const selection = ref<string[]>([]);
  const selected = computed(() => pipeline.value.steps.find((step) => step.id === selection.value[0]));

  const select = (nodes: string[]) => {
    selection.value = nodes;
  };

  function addStep(service: Service, at: Point): string {
    const id = freeName(pipeline.value, service.slug);
    edit({ type: "add-step", step: { id, service: service.slug, params: {}, inputs: {} }, at });
    select([id]);
    return id;
  }

  function addInput(media: string, at: Point): string {
    const name = freeName(pipeline.value, media.split("/")[0] === "application" ? "value" : media.split("/")[0]!);
    edit({ type: "add-input", name, input: { media }, at });
    select([inputNode(name)]);
    return name;
  }

  function disconnect(target: string, port: string): void {
    if (target.startsWith("outputs.")) edit({ type: "set-output", name: target.slice("outputs.".length), from: null });
    else edit({ type: "disconnect", step: target, port });
  }

  function remove(): void {
    if (selection.value.length) edit({ type: "remove", nodes: selection.value });
    select([]);
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

  return {
    ...history,
    pipeline,
    services,
    selection,
    selected,
    select,
    addStep,
    addInput,
    disconnect,
    remove,
    offer,
    tidy,
  };
}

export type Editing = ReturnType<typeof useEditing>;
