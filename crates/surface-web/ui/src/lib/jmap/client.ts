// A JMAP client (RFC 8620): calls that are made in one turn share one request, a call may refer to what another before it
// answers (§3.7), and what a server refuses is an error with its own word.

import { connection } from "../connection.svelte";
import type { Arguments, Id, Invocation, Session, Upload } from "./types";

export const CORE = "urn:ietf:params:jmap:core";
export const MAIL = "urn:ietf:params:jmap:mail";

/** How many calls go in one request, when the session names no limit. */
const FEW_CALLS = 16;

/** A refusal: of a method, of a request, or of the network (`offline`). */
export class JmapError extends Error {
  constructor(
    readonly type: string,
    readonly description = "",
  ) {
    super(description ? `${type}: ${description}` : type);
  }
}

/** A call under way; others of the same turn may refer to it. */
export interface Call<T> extends Promise<T> {
  readonly id: string;
  readonly method: string;
}

interface Waiting {
  invocation: Invocation;
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
}

export interface Progress {
  sent: number;
  whole: number;
}

export class Jmap {
  #session: Promise<Session> | null = null;
  #known: Session | null = null;
  #waiting: Waiting[] = [];
  #count = 0;

  constructor(private readonly address = "/jmap/session") {}

  /** The session object (§2), asked for once. */
  session(): Promise<Session> {
    this.#session ??= this.#json<Session>(this.address, {}).then(
      (session) => (this.#known = session),
      (error: unknown) => {
        this.#session = null;
        throw error;
      },
    );
    return this.#session;
  }

  /** Asks for the session object again. */
  forget(): void {
    this.#session = null;
  }

  /** Calls a method; all calls of one turn are sent together and in order. */
  call<T>(method: string, args: Arguments): Call<T> {
    const id = `c${this.#count++}`;
    const answer = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ invocation: [method, args, id], resolve: resolve as (answer: never) => void, reject });
    });
    if (this.#waiting.length === 1) queueMicrotask(() => void this.#flush());
    return Object.assign(answer, { id, method });
  }

  /** Calls a method while the page goes away: nobody is there to hear the answer. */
  leave(method: string, args: Arguments): void {
    const session = this.#known;
    if (!session) return;
    const body = JSON.stringify({ using: Object.keys(session.capabilities), methodCalls: [[method, args, "last"]] });
    const headers = { "content-type": "application/json" };
    void fetch(local(session.apiUrl), { method: "POST", headers, body, keepalive: true, credentials: "same-origin" });
  }

  /** What stands at a path of another call's answer, for an argument whose name begins with `#`. */
  from(call: Call<unknown>, path: string): { resultOf: string; name: string; path: string } {
    return { resultOf: call.id, name: call.method, path };
  }

  /** Sends a file; `progress` hears how far it is. */
  async upload(account: Id, content: Blob, progress?: (done: Progress) => void, signal?: AbortSignal): Promise<Upload> {
    const { uploadUrl } = await this.session();
    // Whoever signs on meanwhile may be another person: nothing goes out in their name.
    await connection.held();
    const address = local(uploadUrl.replace("{accountId}", encodeURIComponent(account)));
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", address);
      // Not its own: what a form can send too, as text/plain, is taken from no cookie. Who attaches it says what it is.
      request.setRequestHeader("content-type", "application/octet-stream");
      request.upload.onprogress = (event) => progress?.({ sent: event.loaded, whole: content.size });
      request.onload = () => {
        if (request.status < 300) resolve(JSON.parse(request.responseText) as Upload);
        else reject(new JmapError(word(request.status), request.responseText));
      };
      request.onerror = () => {
        connection.lost();
        reject(new JmapError("offline"));
      };
      request.onabort = () => reject(new DOMException("taken back", "AbortError"));
      signal?.addEventListener("abort", () => request.abort());
      request.send(content);
    });
  }

  /** Where a blob is. Known from the first answer on. */
  download(account: Id, blob: Id, name: string, type: string): string {
    const template = this.#known?.downloadUrl ?? "";
    const values: Record<string, string> = { accountId: account, blobId: blob, name, type };
    return local(template.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key] ?? "")));
  }

  async #flush(): Promise<void> {
    const all = this.#waiting;
    this.#waiting = [];
    let session: Session;
    try {
      session = await this.session();
    } catch (error) {
      for (const one of all) one.reject(error);
      return;
    }
    const most = Number(session.capabilities[CORE]?.["maxCallsInRequest"] ?? FEW_CALLS);
    // Calls that refer to another must go with it, and are made after it: the parts are sent one after the other.
    for (let start = 0; start < all.length; start += most) await this.#send(session, all.slice(start, start + most));
  }

  async #send(session: Session, calls: Waiting[]): Promise<void> {
    const using = Object.keys(session.capabilities);
    try {
      const body = JSON.stringify({ using, methodCalls: calls.map((it) => it.invocation) });
      const headers = { "content-type": "application/json" };
      const request: RequestInit = { method: "POST", headers, body };
      const { methodResponses } = await this.#json<{ methodResponses: Invocation[] }>(local(session.apiUrl), request);
      for (const call of calls) settle(call, methodResponses);
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }

  async #json<T>(address: string, request: RequestInit): Promise<T> {
    // Whoever signs on meanwhile may be another person: nothing goes out in their name.
    await connection.held();
    let response: Response;
    try {
      response = await fetch(address, { ...request, credentials: "same-origin" });
    } catch {
      connection.lost();
      throw new JmapError("offline");
    }
    connection.reached();
    if (response.status === 401) {
      await connection.signedOn();
      return this.#json<T>(address, request);
    }
    if (!response.ok) throw new JmapError(word(response.status), await response.text());
    return (await response.json()) as T;
  }
}

/** A call may have several answers (RFC 8620 §3.2): the first is its own, the others what it brought about. */
function settle(call: Waiting, responses: Invocation[]): void {
  const [method, , id] = call.invocation;
  const own = responses.find((it) => it[2] === id && (it[0] === method || it[0] === "error"));
  if (!own) call.reject(new JmapError("serverFail", `no answer to ${method}`));
  else if (own[0] === "error") call.reject(new JmapError(String(own[1]["type"]), String(own[1]["description"] ?? "")));
  else call.resolve(own[1] as never);
}

function word(status: number): string {
  if (status === 413) return "tooLarge";
  if (status === 429) return "rateLimit";
  if (status === 507) return "overQuota";
  return status >= 500 ? "serverUnavailable" : "notRequest";
}

/** The address without its origin: behind a proxy the server may know another. */
function local(address: string): string {
  return address.replace(/^https?:\/\/[^/]+/, "");
}
