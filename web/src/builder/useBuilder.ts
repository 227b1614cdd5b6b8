import { computed } from "vue";
import { edgesOf, nodeOf, nodesOf } from "./graph";
import { grouped } from "./groups";
import { useChecking } from "./useChecking";
import { useClipboard } from "./useClipboard";
import { useEditing } from "./useEditing";
import { useGroups } from "./useGroups";
import { useKeeping } from "./useKeeping";
import { useReplacing } from "./useReplacing";
import { useRunning } from "./useRunning";
import { useShelf } from "./useShelf";
import { useView } from "./useView";
import { useWiring } from "./useWiring";

/** All that the builder knows and can do; the canvas, the list and the panels are views of it. */
export function useBuilder() {
  const editing = useEditing();
  const { pipeline, services } = editing;
  const checking = useChecking(pipeline);
  useShelf(editing, () => void checking.check());
  const running = useRunning(editing);
  const { save: keep, error, ...keeping } = useKeeping(editing);

  /** The graph as it is shown, with groups and notes. */
  const shown = computed(() =>
    grouped(pipeline.value, {
      nodes: nodesOf(pipeline.value, services.value, checking.problems.value, running.states.value),
      edges: edgesOf(pipeline.value, services.value, running.states.value),
    }),
  );
  const nodes = computed(() => shown.value.nodes);
  const edges = computed(() => shown.value.edges);

  return {
    ...editing,
    ...keeping,
    ...useWiring(editing),
    ...useReplacing(editing),
    ...useClipboard(editing),
    ...useGroups(editing),
    ...running,
    view: useView(editing),
    save: keep,
    error,
    check: checking.check,
    checkNow: checking.checkNow,
    checkError: checking.error,
    problems: checking.problems,
    nodes,
    edges,
    nodeOf: (problem: Parameters<typeof nodeOf>[1]) => nodeOf(pipeline.value, problem),
  };
}

export type Builder = ReturnType<typeof useBuilder>;
