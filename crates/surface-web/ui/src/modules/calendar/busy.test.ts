import { expect, test } from "vitest";
import { momentAt, moved, nextFree, place, STEP, within, without, type Busy } from "./busy";
import { local } from "./time";

/** In the week from Monday 30 November 2026. */
const at = (day: number, hour: number, minute = 0): Date => new Date(2026, 10, 30 + day, hour, minute);
const busy = (day: number, from: number, to: number): Busy => ({ start: at(day, from), end: at(day, to), isTentative: false });
const HOUR = 3_600_000;

function check(wanted: { after: Date; all?: Busy[][]; oneOf?: Busy[][]; length?: number; until?: Date }, expected: string | null, which = -1): void {
  const found = nextFree({ length: HOUR, all: [], oneOf: [], until: at(14, 0), ...wanted });
  expect(found && local(found.start)).toBe(expected);
  if (found) expect(found.which).toBe(which);
}

test("the first time is one at which all have time", () => {
  check({ after: at(0, 3) }, "2026-11-30T08:00:00");
  check({ after: at(0, 9, 7) }, "2026-11-30T09:15:00");
  check({ after: at(0, 8), all: [[busy(0, 8, 10)], [busy(0, 11, 18)]] }, "2026-11-30T10:00:00");
  check({ after: at(0, 8), all: [[busy(0, 8, 10)], [busy(0, 10, 18)]] }, "2026-12-01T08:00:00");
  // Not after work, and not at the end of the week.
  check({ after: at(0, 17, 15) }, "2026-12-01T08:00:00");
  check({ after: at(4, 17, 15) }, "2026-12-07T08:00:00");
});

test("of several rooms one is enough, and it is said which", () => {
  check({ after: at(0, 8), oneOf: [[busy(0, 8, 12)], [busy(0, 8, 9)]] }, "2026-11-30T09:00:00", 1);
  check({ after: at(0, 8), all: [[busy(0, 8, 12)]], oneOf: [[busy(0, 8, 9)], []] }, "2026-11-30T12:00:00", 0);
});

test("there may be none", () => {
  check({ after: at(0, 8), all: [[busy(0, 0, 24 * 20)]] }, null);
  check({ after: at(0, 8), length: 11 * HOUR }, null);
  check({ after: at(0, 8), until: at(0, 8, 30) }, null);
});

test("what is moved does not stand in its own way", () => {
  const one = [busy(0, 9, 12)];
  expect(without(one, { start: at(0, 10), end: at(0, 11) }).map((it) => [it.start.getHours(), it.end.getHours()])).toEqual([[9, 10], [11, 12]]);
  expect(without(one, { start: at(0, 8), end: at(0, 13) })).toEqual([]);
  expect(without(one, { start: at(1, 8), end: at(1, 13) })).toEqual(one);
});

test("a moment stands where it is found again", () => {
  const days = [at(0, 0), at(1, 0), at(2, 0)];
  for (const moment of [at(0, 7), at(0, 14), at(1, 9, 15), at(2, 20, 45)]) expect(momentAt(place(moment, days), days)).toEqual(moment);
  expect(place(at(0, 3), days)).toBe(0);
  expect(place(at(0, 23), days)).toBeCloseTo(1 / 3);
  expect([place(at(-1, 12), days), place(at(9, 12), days)]).toEqual([0, 1]);
  expect(within([busy(0, 6, 9)], { start: at(0, 7), end: at(0, 21) })).toEqual([{ ...busy(0, 7, 9) }]);
});

test("what is moved past the evening is on the next morning", () => {
  const period = { start: at(0, 20), end: at(0, 21) };
  expect(local(moved(period, STEP).start)).toBe("2026-12-01T07:00:00");
  expect(local(moved({ start: at(1, 7), end: at(1, 8) }, -STEP).start)).toBe("2026-11-30T20:00:00");
  expect(local(moved(period, -STEP).start)).toBe("2026-11-30T19:45:00");
});
