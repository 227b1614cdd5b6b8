/** Where the steps of a pipeline stand in a small picture of it. */

export interface Node {
  id: string;
  service: string;
  after: string[];
}
export interface Spot {
  node: Node;
  x: number;
  y: number;
}
export interface Drawing {
  spots: Spot[];
  edges: string[];
  radius: number;
}

/** Steps in columns, each right of those that it needs. A circle of steps, which a draft may have, is cut open. */
export function columns(graph: Node[]): Node[][] {
  const known = new Map(graph.map((node) => [node.id, node]));
  const depths = new Map<string, number>();
  const depth = (node: Node, path: Set<string>): number => {
    const before = depths.get(node.id);
    if (before !== undefined) return before;
    const needed = node.after.map((id) => known.get(id)).filter((each) => each && !path.has(each.id)) as Node[];
    const own = Math.max(-1, ...needed.map((each) => depth(each, new Set(path).add(node.id)))) + 1;
    depths.set(node.id, own);
    return own;
  };
  const found: Node[][] = [];
  for (const node of graph) (found[depth(node, new Set())] ??= []).push(node);
  return found.filter(Boolean);
}

/** The picture in a frame of that size. */
export function drawn(graph: Node[], width: number, height: number): Drawing {
  const rows = columns(graph);
  const most = Math.max(1, ...rows.map((row) => row.length));
  const across = width / (rows.length + 0.4);
  const down = height / (most + 0.3);
  const radius = Math.min(54, across * 0.36, down * 0.4);
  const spots = rows.flatMap((row, column) =>
    row.map((node, index) => ({
      node,
      x: across * (column + 0.7),
      y: height / 2 + (index - (row.length - 1) / 2) * down,
    })),
  );
  const at = new Map(spots.map((spot) => [spot.node.id, spot]));
  const edges = spots.flatMap(({ node, x, y }) =>
    node.after.flatMap((id) => {
      const from = at.get(id);
      if (!from) return [];
      const middle = (from.x + x) / 2;
      return [`M${from.x} ${from.y} C${middle} ${from.y} ${middle} ${y} ${x} ${y}`];
    }),
  );
  return { spots, edges, radius };
}

/** A number that a name always gives, below a limit. */
export const seed = (name: string, limit: number) =>
  [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7) % limit;
