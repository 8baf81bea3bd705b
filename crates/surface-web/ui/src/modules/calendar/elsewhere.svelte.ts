// The calendars that one has from elsewhere: where each comes from, and how it is with it.

import { api } from "../../lib/api/client";
import { idOf } from "../../lib/exchange/place";
import { jmap } from "../../lib/jmap/office";
import { Refused, type Id, type SetAnswer } from "../../lib/jmap/types";
import { agenda, type Held } from "./agenda.svelte";

const AT = "/api/calendars/elsewhere";

export interface Followed {
  /** In addresses. */
  name: string;
  title: string;
  kind: "subscription" | "timetable";
  host: string;
  isHidden: boolean;
  makesBusy: boolean;
  /** When its server said last that it is so; null where it cannot be had. */
  readAt: string | null;
  fault: string | null;
  /** What of it cannot be read. */
  leftOut: readonly string[];
}

class Elsewhere {
  offers = $state(false);
  #all = $state.raw<ReadonlyMap<Id, Followed>>(new Map());

  /** What was put away and can be had back. */
  readonly hidden = $derived([...this.#all.values()].filter((it) => it.isHidden));

  /** What is known of one's own calendar, where it is from elsewhere. */
  of(held: Held): Followed | undefined {
    return held.owner ? undefined : this.#all.get(held.calendar.id);
  }

  /** Looks; what cannot be known now is said as it was, and the calendars are there all the same. */
  async load(): Promise<void> {
    try {
      const { offersSubscriptions, calendars } = await api.get<{ offersSubscriptions: boolean; calendars: readonly Followed[] }>(AT);
      const ids = await Promise.all(calendars.map(({ name }) => idOf(name)));
      this.offers = offersSubscriptions;
      this.#all = new Map(calendars.map((it, at) => [ids[at] as Id, it]));
    } catch {
      // What was known stays.
    }
  }

  async subscribe(address: string, name: string, colour: string): Promise<void> {
    await api.post(AT, { address, name, colour });
    await this.#look();
  }

  async showAgain({ name }: Followed): Promise<void> {
    await api.post(`${AT}/show`, { name });
    await this.#look();
  }

  /** Changes what one is called here, its colour, and whether it makes one busy. */
  async change({ account, calendar }: Held, name: string, color: string, makesBusy: boolean): Promise<void> {
    const patch = { name, color, includeInAvailability: makesBusy ? "all" : "none" };
    const answer = await jmap.call<SetAnswer>("Calendar/set", { accountId: account, update: { [calendar.id]: patch } });
    const refused = answer.notUpdated?.[calendar.id];
    if (refused) throw new Refused(refused);
    await this.#look();
  }

  async #look(): Promise<void> {
    await Promise.all([agenda.refresh(), this.load()]);
  }
}

export const elsewhere = new Elsewhere();
