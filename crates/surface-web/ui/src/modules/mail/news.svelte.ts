// What has come into the own inbox while the office is open, in whichever module: told to who listens by ear, and as a notification of the
// browser where that was asked for. What a message says is in none of them unless that was asked for too.

import { branding } from "../../lib/branding.svelte";
import { t } from "../../lib/i18n.svelte";
import { MAIL } from "../../lib/jmap/client";
import { events, jmap } from "../../lib/jmap/office";
import type { Email, GetAnswer, Id, Mailbox, QueryAnswer } from "../../lib/jmap/types";
import { mayTell, tell } from "../../lib/notification";
import { preferences } from "../../lib/preferences.svelte";
import { unread } from "../../lib/unread.svelte";
import { nameOf } from "./format";

/** How long several changes are waited for before one question is asked, in milliseconds. */
const CALM = 400;
/** How often, and after how many milliseconds, one looks again where the store could not say. */
const TRIES = 3;
const AGAIN = 3000;
/** As many of the newest messages are looked at. */
const LATEST = 20;

type Fresh = Pick<Email, "id" | "from" | "subject" | "receivedAt" | "keywords">;

class News {
  /** For the live region. */
  said = $state("");
  /** One's own. */
  #account: Id | undefined;
  #inbox: Id | undefined;
  /** What was there already: when the newest came, and which came in that second. */
  #newest = "";
  #known = new Set<Id>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Listens until what comes back is called. */
  start(): () => void {
    this.#soon(0);
    return events.listen((account, types) => {
      // What somebody who shares has new is told in the same breath, and must not put off what is one's own.
      if (this.#account !== undefined && account !== this.#account) return;
      if (types.has("Email") || types.has("Mailbox")) this.#soon(CALM);
    });
  }

  /** Looks after so long. What could not be seen now is looked for again: nothing will say once more that it came. */
  #soon(after: number, left = TRIES): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#look().catch(() => {
        if (left > 1) this.#soon(AGAIN, left - 1);
      });
    }, after);
  }

  async #look(): Promise<void> {
    const account = (this.#account = (await jmap.session()).primaryAccounts[MAIL]);
    if (!account) return;
    const ids = this.#inbox ? [this.#inbox] : null;
    const mailboxes = jmap.call<GetAnswer<Mailbox>>("Mailbox/get", { accountId: account, ids, properties: ["id", "role", "unreadEmails"] });
    const inbox = (await mailboxes).list.find((it) => it.role === "inbox");
    this.#inbox = inbox?.id;
    if (!inbox) return;
    unread.count = inbox.unreadEmails;
    const query = jmap.call<QueryAnswer>("Email/query", {
      accountId: account, filter: { inMailbox: inbox.id }, sort: [{ property: "receivedAt", isAscending: false }], limit: LATEST,
    });
    const get = jmap.call<GetAnswer<Fresh>>("Email/get", {
      accountId: account, "#ids": jmap.from(query, "/ids"), properties: ["id", "from", "subject", "receivedAt", "keywords"],
    });
    const [, { list }] = await Promise.all([query, get]);
    const fresh = this.#fresh(list).filter((it) => !it.keywords["$seen"]);
    if (fresh.length > 0) this.#tell(fresh);
  }

  /** Those that came after all that were known. One that is moved back has its old time, and is none. */
  #fresh(list: readonly Fresh[]): Fresh[] {
    const isFirst = this.#newest === "";
    const fresh = list.filter((it) => it.receivedAt > this.#newest || (it.receivedAt === this.#newest && !this.#known.has(it.id)));
    const newest = list.reduce((last, it) => (it.receivedAt > last ? it.receivedAt : last), this.#newest);
    if (newest !== this.#newest) this.#known.clear();
    for (const it of list) if (it.receivedAt === newest) this.#known.add(it.id);
    // An empty inbox has something newest too.
    this.#newest = newest || "0";
    return isFirst ? [] : fresh;
  }

  #tell(fresh: readonly Fresh[]): void {
    const count = t("mail-new", { count: fresh.length });
    // Said again where it is the same words.
    this.said = this.said === count ? `${count}\u00a0` : count;
    if (preferences.notify === "off" || !mayTell()) return;
    const [only] = fresh.length === 1 && preferences.notify === "full" ? fresh : [];
    const title = only ? nameOf(only.from?.[0]) : count;
    const body = only ? (only.subject ?? "") : branding.name;
    // Its picture is waited for before it shows: there is one only where the institution has one.
    void tell(title, { body, tag: "office-mail", ...(branding.icon ? { icon: branding.icon } : {}) });
  }
}

export const news = new News();
