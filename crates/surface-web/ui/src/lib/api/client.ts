// The small JSON of `/api/...`: who I am, files' sharing, settings, administration. A write is signed by the cookie, so that
// the server asks for our own Origin and for a content type that no form can send; both are sent here.

import { connection } from "../connection.svelte";

/** What the server answers for a failure: a problem document (RFC 9457), or nothing that can be read. */
export class ApiError extends Error {
  constructor(
    /** The status of HTTP, 0 when none came. */
    readonly status: number,
    readonly kind: string,
    /** What the log has of it. */
    readonly id: string,
    /** What happened and what to do, in words for the person. */
    readonly title = "",
    /** More of it, where there is more to say. */
    readonly detail = "",
    /** Where one goes to mend it. */
    readonly next = "",
  ) {
    super(`${status} ${kind}`);
  }
}

export const api = {
  get: <T>(path: string, signal?: AbortSignal): Promise<T> => send<T>("GET", path, undefined, signal),
  post: <T>(path: string, content: unknown = {}): Promise<T> => send<T>("POST", path, content),
  /** Sends a file as it is, with a type that no form can send. */
  file: <T>(path: string, content: Blob): Promise<T> => send<T>("POST", path, content),
};

async function send<T>(method: string, path: string, content?: unknown, signal?: AbortSignal): Promise<T> {
  const request: RequestInit = { method, credentials: "same-origin", redirect: "error" };
  if (signal) request.signal = signal;
  if (content instanceof Blob) {
    request.body = content;
    request.headers = { "content-type": "application/octet-stream" };
  } else if (content !== undefined) {
    request.body = JSON.stringify(content);
    request.headers = { "content-type": "application/json" };
  }
  // Whoever signs on meanwhile may be another person: nothing goes out in their name.
  await connection.held();
  const response = await ask(path, request);
  if (response.status === 401) {
    await connection.signedOn();
    return send<T>(method, path, content, signal);
  }
  const text = await response.text();
  if (!response.ok) {
    const failed = failure(response.status, text);
    // The session holds, and is too old for administration.
    if (failed.kind !== "stale" || !failed.next) throw failed;
    await connection.signedOn(failed.next);
    return send<T>(method, path, content, signal);
  }
  return (text ? JSON.parse(text) : undefined) as T;
}

async function ask(path: string, request: RequestInit): Promise<Response> {
  try {
    const response = await fetch(path, request);
    connection.reached();
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    connection.lost();
    throw new ApiError(0, "offline", "");
  }
}

function failure(status: number, text: string): ApiError {
  try {
    const problem = JSON.parse(text) as { kind?: string; request?: string; title?: string; detail?: string; next?: string };
    return new ApiError(status, problem.kind ?? "failed", problem.request ?? "", problem.title ?? "", problem.detail ?? "", problem.next ?? "");
  } catch {
    return new ApiError(status, "failed", "");
  }
}
