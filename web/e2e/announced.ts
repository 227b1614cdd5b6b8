import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ask, json } from "./content";
import type { Server } from "./server";

/** Let a service of others, which whistles words, announce itself and say that it goes to sleep. Gives its number. */
export async function announce(server: Server): Promise<string> {
  const asleep = createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1");
  await once(asleep, "listening");
  const url = `http://127.0.0.1:${(asleep.address() as AddressInfo).port}`;
  const field = (name: string, type: string) => ({ name, type: [type] });
  const service = {
    name: "Whistle",
    slug: "whistle",
    url,
    docs_url: `${url}/docs`,
    summary: "Whistles what is written",
    status: "sleeping",
    data_in_fields: [field("words", "text/plain")],
    data_out_fields: [field("tune", "text/plain")],
  };
  try {
    return (await ask<{ id: string }>(server.url, "/core-engine/services", json(service))).id;
  } finally {
    asleep.close();
  }
}
