import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
export type ProblemDetail = Schemas["ProblemDetail"];

/** What went wrong with a request. `status` is 0 when no answer came; `after` is when to try again, in seconds. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problems: Problem[],
    message: string,
    readonly after?: number,
  ) {
    super(message);
  }
}

/** Has somebody sign in when the session is over, and gives whether they did. */
let renew = (): Promise<boolean> => Promise.resolve(false);

export function renewWith(ask: typeof renew): void {
  renew = ask;
}

/** As `fetch`. When the session is over, the request waits until somebody has signed in, and is sent again. */
export async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const again = request.clone();
  const response = await fetch(request);
  if (response.status !== 401 || new URL(request.url).pathname.startsWith("/auth/")) return response;
  return (await renew()) ? fetch(again) : response;
}

/** The server's own client, typed by its OpenAPI document. Use it through `asked`, which raises `Refusal`. */
export const api = createClient<paths>({ baseUrl: "/", credentials: "same-origin", fetch: send });

/** The data of an answer; what is not one is raised as a `Refusal`. */
export async function asked<Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<NonNullable<Data>> {
  let result;
  try {
    result = await answer;
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(0, [], String(error));
  }
  if (result.response.ok) return (result.data ?? {}) as NonNullable<Data>;
  throw refusal(result.response.status, result.error, result.response.headers);
}

/** Stop a run. One that has ended meanwhile needs no stopping: its page shows what came out. */
export async function stopRun(run: string): Promise<void> {
  try {
    await asked(api.POST("/runs/{run}/cancel", { params: { path: { run } } }));
  } catch (error) {
    if (!(error instanceof Refusal && error.status === 409)) throw error;
  }
}

/** The refusal that a problem document says. */
export function refusal(status: number, body: unknown, headers?: Headers): Refusal {
  const said = (body ?? {}) as Partial<ProblemDetail>;
  const after = Number(headers?.get("retry-after")) || undefined;
  return new Refusal(status, said.problems ?? [], said.detail ?? "", after);
}

/** Send a form with progress, which `fetch` does not tell. `told` takes the share that was sent. */
export function sendForm(
  path: string,
  form: FormData,
  told: (share: number) => void,
  signal?: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "text";
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onerror = () => reject(new Refusal(0, [], ""));
    request.onabort = () => reject(new DOMException("Stopped", "AbortError"));
    request.onload = async () => {
      const headers = new Headers();
      for (const line of request.getAllResponseHeaders().trim().split("\r\n")) {
        const colon = line.indexOf(":");
        if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
      }
      if (request.status >= 200 && request.status < 300) {
        return resolve(
          new Response(request.status === 204 ? null : request.responseText, { status: request.status, headers }),
        );
      }
      if (request.status === 401 && (await renew())) return resolve(sendForm(path, form, told, signal));
      let body: unknown;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = undefined;
      }
      reject(refusal(request.status, body, headers));
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
