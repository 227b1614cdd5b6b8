import { expect, it } from "vitest";
import { choices, filterOf, narrowed, queryOf, type Pipeline, type Service, type Stock } from "./catalogue";

const service = (slug: string, takes: string, gives: string, more: Partial<Service> = {}) =>
  ({
    slug,
    name: slug,
    kind: "embedded",
    health: "available",
    licence: "MIT",
    tags: [],
    inputs: [{ name: "in", media: [takes] }],
    outputs: [{ name: "out", media: [gives] }],
    ...more,
  }) as unknown as Service;
const pipeline = { slug: "cover", name: "Cover", tags: ["Images"], inputs: {}, gives: { cover: ["image/png"] } };
const stock: Stock = {
  services: [
    service("voice", "audio/*", "audio/*"),
    service("paint", "text/plain", "image/png", { licence: "Apache-2.0", tags: ["Images"] }),
    service("hear", "audio/*", "application/json;kind=lyrics", { health: "sleeping" }),
  ],
  pipelines: [pipeline as unknown as Pipeline],
};
const slugs = (query: Record<string, string>, counts = {}) => {
  const { services, pipelines } = narrowed(stock, filterOf(query), { services: counts, pipelines: {} });
  return [...services, ...pipelines].map(({ slug }) => slug);
};

it("leaves everything where nothing is asked for", () => {
  expect(slugs({})).toEqual(["voice", "paint", "hear", "cover"]);
});
it("narrows by what goes in and out, tag, licence and health, all at once", () => {
  expect(slugs({ takes: "audio" })).toEqual(["voice", "hear"]);
  expect(slugs({ gives: "image", tag: "Images" })).toEqual(["paint", "cover"]);
  expect(slugs({ takes: "audio", health: "sleeping" })).toEqual(["hear"]);
  expect(slugs({ licence: "Apache-2.0" })).toEqual(["paint"]);
});
it("sorts by name, or by how much things are used", () => {
  expect(slugs({ sort: "name", takes: "audio" })).toEqual(["hear", "voice"]);
  expect(slugs({ sort: "used" }, { hear: 5, paint: 1 })).toEqual(["hear", "paint", "voice", "cover"]);
});
it("offers what is there, with how many each choice would leave", () => {
  expect(choices(stock, filterOf({ takes: "audio" }), "gives")).toEqual([
    { value: "audio", count: 1 },
    { value: "json", count: 1 },
  ]);
  expect(choices(stock, filterOf({ gives: "audio", takes: "image" }), "takes")).toEqual([
    { value: "audio", count: 1 },
    { value: "image", count: 0 },
  ]);
});
it("writes into the address what narrows, and reads it again", () => {
  const filter = filterOf({ q: "song", sort: "used", tag: "Images", other: "x", health: ["a"] });
  expect(queryOf(filter)).toEqual({ q: "song", sort: "used", tag: "Images" });
  expect(filterOf(queryOf(filter))).toEqual(filter);
  expect(queryOf(filterOf({ sort: "nonsense" }))).toEqual({});
});
