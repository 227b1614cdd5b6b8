import type { Page } from "@playwright/test";
import type { Content, Furnished } from "./content";
import { PLACES } from "./places";

export interface Scene {
  name: string;
  /** What is to be seen, for the gallery and for those who do not see it. */
  told: string;
  path: (content: Content & Furnished) => string;
  /** Whether it is seen on a server that asks who comes in. */
  closed?: boolean;
  /** What a person does there before the picture is taken. */
  act?: (page: Page) => Promise<void>;
}

const place = (name: string, told: string, act?: Scene["act"]): Scene => ({ name, told, path: PLACES[name]!, act });

/** What the pictures show, in the order of the gallery; a test holds that no page is missing. */
export const SCENES: Scene[] = [
  place("cover", "A question, a place to drop a song, and the covers made before"),
  place("song", "Three covers side by side; below them the player, the words, what was found, and the brief"),
  place("shared", "What somebody sees who was given a link to a song"),
  place("market", "Pipelines and services as cards, with a search"),
  place("service", "A service: what it takes and gives, a form to try it, its measured quality, its model card"),
  place("pipeline", "A pipeline: its steps, a form to run it, its versions, and code that calls it"),
  place("builder", "The pipeline of the covers as a graph, between the palette and its panel", async (page) => {
    const whole = page.getByRole("button", { name: "Show everything" });
    if (await whole.isVisible()) await whole.click();
  }),
  {
    name: "builder-step",
    told: "The same as a list: a step, where its inputs come from, and its parameters",
    path: PLACES.builder!,
    act: async (page) => {
      const list = page.getByRole("button", { name: "List", exact: true });
      if (await list.isVisible()) await list.click(); // On a phone it is a list at once.
      const step = page.getByRole("button", { name: /^paint/ }).first();
      await step.click();
      await step.evaluate((each) => each.scrollIntoView({ block: "start" }));
    },
  },
  place("runs", "Runs as a list: pipeline, state, when, how long"),
  place("run", "A run: its state, when each step ran, and what each gave"),
  {
    name: "runs-compared",
    told: "Two runs side by side: what differs between them",
    path: ({ postcards: [left, right] }) => `/history/compare?left=${left}&right=${right}`,
  },
  place("operate", "Health of the server: its parts, the queue, its services"),
  ...Object.entries({
    models: "Trained models: what serves, what waits, what was done",
    usage: "Use: time and cost by day and by service",
    people: "People and their roles",
    keys: "API keys",
    storage: "Storage: what is kept, and for how long",
  }).map(([tab, told]) => ({ name: `operate-${tab}`, told, path: () => `/operate?tab=${tab}` })),
  place("docs", "The API: every route, what it takes and answers"),
  { name: "signin", told: "Signing in, on a server that asks who comes in", path: () => "/", closed: true },
  place("lost", "A page that is not there"),
];
