/** What the keyboard does in the builder: the one table for the keys and for the page that explains them. */
export type Action =
  | "undo" | "redo" | "copy" | "cut" | "paste" | "duplicate" | "remove" | "selectAll" | "save"
  | "group" | "ungroup" | "fold" | "outwards" | "note"
  | "go" | "move" | "mark" | "clear" | "open" | "rename" | "add" | "connect" | "feed" | "give" | "look"
  | "tidy" | "fit" | "zoomIn" | "zoomOut" | "actual" | "list" | "problem" | "run" | "runFrom" | "stop" | "help"; // prettier-ignore

export interface Shortcut {
  action: Action;
  keys: string[];
  /** The browser's own doing: it is only explained here. */
  native?: boolean;
}

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

export const SHORTCUTS: Record<"steps" | "edit" | "view" | "running", Shortcut[]> = {
  steps: [
    { action: "go", keys: ARROWS },
    { action: "move", keys: ARROWS.map((key) => `Shift+${key}`) },
    { action: "add", keys: ["a"] },
    { action: "connect", keys: ["c"] },
    { action: "feed", keys: ["i"] },
    { action: "give", keys: ["o"] },
    { action: "open", keys: ["Enter"] },
    { action: "rename", keys: ["F2"] },
    { action: "mark", keys: [" "] },
    { action: "clear", keys: ["Escape"] },
    { action: "problem", keys: ["p"] },
  ],
  edit: [
    { action: "undo", keys: ["Mod+z"] },
    { action: "redo", keys: ["Mod+Shift+z", "Mod+y"] },
    { action: "copy", keys: ["Mod+c"], native: true },
    { action: "cut", keys: ["Mod+x"], native: true },
    { action: "paste", keys: ["Mod+v"], native: true },
    { action: "duplicate", keys: ["Mod+d"] },
    { action: "remove", keys: ["Delete", "Backspace"] },
    { action: "selectAll", keys: ["Mod+a"] },
    { action: "save", keys: ["Mod+s"] },
    { action: "group", keys: ["g"] },
    { action: "ungroup", keys: ["Shift+g"] },
    { action: "fold", keys: ["e"] },
    { action: "outwards", keys: ["u"] },
    { action: "note", keys: ["n"] },
  ],
  view: [
    { action: "zoomIn", keys: ["+", "="] },
    { action: "zoomOut", keys: ["-"] },
    { action: "fit", keys: ["0"] },
    { action: "actual", keys: ["1"] },
    { action: "tidy", keys: ["t"] },
    { action: "list", keys: ["l"] },
    { action: "help", keys: ["?"] },
  ],
  running: [
    { action: "run", keys: ["r"] },
    { action: "runFrom", keys: ["f"] },
    { action: "look", keys: ["v"] },
    { action: "stop", keys: ["s"] },
  ],
};

const KNOWN = new Map(
  Object.values(SHORTCUTS)
    .flat()
    .flatMap(({ action, keys, native }) => (native ? [] : keys.map((key) => [key, action] as const))),
);

/** The keys of an event, as the table writes them. */
export function comboOf(event: KeyboardEvent): string {
  const letter = event.key.length === 1;
  const key = letter ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && (!letter || /[a-z]/.test(key)); // Signs are what they are, however they are typed.
  return `${event.ctrlKey || event.metaKey ? "Mod+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${key}`;
}

/** What an event asks for. Keys without a modifier count only on the graph or the list: elsewhere people type. */
export function actionOf(event: KeyboardEvent, onGraph: boolean): Action | undefined {
  const combo = comboOf(event);
  return onGraph || combo.startsWith("Mod+") ? KNOWN.get(combo) : undefined;
}

/** Keys as they are written on a keyboard. */
export function labelOf(keys: string, mac = /Mac|iPhone|iPad/.test(navigator.platform)): string {
  const names: Record<string, string> = {
    Mod: mac ? "⌘" : "Ctrl",
    Shift: "⇧",
    ArrowLeft: "←",
    ArrowRight: "→",
    ArrowUp: "↑",
    ArrowDown: "↓",
    " ": "␣",
    Escape: "Esc",
    Delete: "Del",
    Backspace: "⌫",
    Enter: "↵",
  };
  const parts = keys === "+" ? ["+"] : keys.split("+");
  return parts.map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" ");
}
