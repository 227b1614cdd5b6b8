import { api, asked } from "@/client/api";
import type { Pipeline, Service, Stock } from "./catalogue";

/** Most that the server gives at once. */
const SERVICES = 500;
const PIPELINES = 100;

/** All services and pipelines that match words, page by page. */
export async function stockOf(q: string): Promise<Stock> {
  const [services, pipelines] = await Promise.all([servicesOf(q), pipelinesOf(q)]);
  return { services, pipelines };
}

async function servicesOf(q: string): Promise<Service[]> {
  const found: Service[] = [];
  for (;;) {
    const query = { q, limit: SERVICES, offset: found.length };
    const { items, total } = await asked(api.GET("/services", { params: { query } }));
    found.push(...items);
    if (!items.length || found.length >= total) return found;
  }
}

async function pipelinesOf(q: string): Promise<Pipeline[]> {
  const found: Pipeline[] = [];
  let cursor = "";
  for (;;) {
    const { items, next } = await asked(api.GET("/pipelines", { params: { query: { q, limit: PIPELINES, cursor } } }));
    found.push(...items);
    if (!next) return found;
    cursor = next;
  }
}
