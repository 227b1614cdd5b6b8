/** Where the nodes of a graph stand that is only looked at: each behind what it reads, near what it reads. */

export interface Reader {
  id: string;
  /** The nodes that it reads. */
  reads: readonly string[];
}
export interface Cell {
  column: number;
  row: number;
}

export function layered(nodes: readonly Reader[]): Map<string, Cell> {
  const columns = columnsOf(nodes);
  const byColumn = new Map<number, Reader[]>();
  for (const node of nodes) {
    const column = columns.get(node.id)!;
    byColumn.set(column, [...(byColumn.get(column) ?? []), node]);
  }
  const cells = new Map<string, Cell>();
  for (const column of [...byColumn.keys()].sort((a, b) => a - b)) {
    const wishes = byColumn.get(column)!.map((node, index) => ({ node, wish: middle(node, cells) ?? index }));
    let free = 0;
    for (const { node, wish } of wishes.sort((a, b) => a.wish - b.wish)) {
      const row = Math.max(free, Math.round(wish));
      cells.set(node.id, { column, row });
      free = row + 1;
    }
  }
  return cells;
}

/** The middle of what a node reads, as far as that has its place. */
function middle(node: Reader, cells: Map<string, Cell>): number | undefined {
  const rows = node.reads.map((id) => cells.get(id)?.row).filter((row) => row !== undefined);
  return rows.length ? rows.reduce((sum, row) => sum + row, 0) / rows.length : undefined;
}

/** One more than the furthest that a node reads. Circles, which no run has, end where they begin. */
function columnsOf(nodes: readonly Reader[]): Map<string, number> {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const found = new Map<string, number>();
  const visit = (id: string, path: Set<string>): number => {
    const node = known.get(id);
    if (!node || path.has(id)) return -1;
    if (!found.has(id)) {
      const behind = new Set([...path, id]);
      found.set(id, 1 + Math.max(-1, ...node.reads.map((each) => visit(each, behind))));
    }
    return found.get(id)!;
  };
  for (const node of nodes) visit(node.id, new Set());
  return found;
}
