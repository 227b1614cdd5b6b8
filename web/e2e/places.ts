import type { Content } from "./content";

/** An address of every page, by the name of its route; a test holds this list to be whole. */
export const PLACES: Record<string, (content: Content) => string> = {
  cover: () => "/",
  song: ({ song }) => `/cover/${song}`,
  shared: ({ token }) => `/s/${token}`,
  market: () => "/market",
  service: () => "/market/services/music-style",
  pipeline: () => "/market/pipelines/cover-art",
  builder: () => "/builder/cover-art",
  runs: () => "/history",
  "runs-compared": ({ song, words }) => `/history/compare?left=${song}&right=${words}`,
  run: ({ song }) => `/history/${song}`,
  operate: () => "/operate",
  docs: () => "/docs",
  signin: () => "/signin",
  lost: () => "/nothing/is/here",
};
