import type { Problem } from "./types";

/** An answer of the server that is not a success; `problem` says why in words a person can act on. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${problem.status}`);
    this.name = "ApiError";
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** The server could not be reached at all: the network, or a server that is starting or stopped. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

type Query = Record<string, string | number | boolean | null | undefined>;

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback: Problem = { status: response.status, title: response.statusText || undefined };
  if (!response.headers.get("content-type")?.includes("json")) return fallback;
  const body: unknown = await response.json().catch(() => null);
  return typeof body === "object" && body !== null ? { ...fallback, ...body } : fallback;
}

const TIMEOUT_MS = 30_000;

/** A file goes as it is, with its own type; everything else as JSON. */
function encoded(body: unknown): { type?: string; body?: BodyInit } {
  if (body === undefined) return {};
  if (body instanceof Blob) return { type: body.type || "application/octet-stream", body };
  return { type: "application/json", body: JSON.stringify(body) };
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  timeoutMs: number = TIMEOUT_MS,
): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const sent = encoded(body);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(sent.type === undefined ? {} : { "content-type": sent.type }),
      },
      body: sent.body,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Unreachable("The server cannot be reached.", { cause });
  }
  // A gateway in front of a stopped server answers for it, without problem details.
  if (response.status === 502 || response.status === 504) throw new Unreachable(`HTTP ${response.status}`);
  if (!response.ok) throw new ApiError(await readProblem(response));
  return response;
}

async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await ask(method, path, body, signal);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

export const http = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    send<T>("GET", withQuery(path, query), undefined, signal),
  post: <T>(path: string, body: unknown = {}, signal?: AbortSignal) => send<T>("POST", path, body, signal),
  put: <T>(path: string, body: unknown) => send<T>("PUT", path, body),
  patch: <T>(path: string, body: unknown) => send<T>("PATCH", path, body),
  remove: <T>(path: string) => send<T>("DELETE", path),
  /** Sends a file, which may take longer than anything else. */
  upload: async <T>(path: string, file: Blob, timeoutMs: number) =>
    (await (await ask("POST", path, file, undefined, timeoutMs)).json()) as T,
  /** An answer that is a file. */
  file: async (path: string, body: unknown) => (await ask("POST", path, body)).blob(),
};
