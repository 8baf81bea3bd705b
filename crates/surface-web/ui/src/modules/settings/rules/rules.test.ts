import { expect, it } from "vitest";
import { blamed, empty, isSame, read, write, wrongWith, type Action, type Condition, type Rule } from "./rules";

const rule = (conditions: Condition[], actions: Action[], more: Partial<Rule> = {}): Rule => ({ ...empty(), conditions, actions, stop: false, ...more });
const body = (one: Rule) => write([one]).text.split("\r\n").slice(4).join("\n").trim();

it("writes what sorts mail", () => {
  expect(body(rule([{ field: "subject", value: "sorted" }], [{ kind: "move", value: "Cours/L1" }], { name: "cours", stop: true }))).toBe(
    '# cours\nif header :contains "subject" "sorted" {\n  fileinto "Cours/L1";\n  stop;\n}',
  );
  const all: Action[] = [
    { kind: "move", value: "A" }, { kind: "forward", value: "x@y.test" }, { kind: "flag", value: "" }, { kind: "copy", value: "B" }, { kind: "seen", value: "" },
  ];
  const two: Condition[] = [{ field: "to", value: "list@x" }, { field: "size", value: "1,5" }];
  expect(body(rule(two, all, { any: true }))).toBe(
    '#\nif anyof (header :contains ["to", "cc"] "list@x", size :over 1536K) {\n  addflag "\\\\Seen";\n  addflag "\\\\Flagged";\n  fileinto :copy "B";\n  redirect :copy "x@y.test";\n  fileinto "A";\n}',
  );
  expect(write([rule(two, all)]).text).toContain('require ["copy", "fileinto", "imap4flags"];');
});

it("lets nothing that is typed become a command", () => {
  const evil = '"; discard; # \\\r\nstop;\n';
  const text = write([rule([{ field: "from", value: evil }], [{ kind: "move", value: evil }], { name: evil })]).text;
  const lines = text.split("\r\n");
  expect(lines.filter((it) => /^\s*(discard|stop)/.test(it))).toEqual([]);
  expect(lines).toContain('if header :contains "from" "\\"; discard; # \\\\ stop;" {');
  expect(lines.every((it) => !/[\r\n]/.test(it))).toBe(true);
});

it("reads back what it wrote, and nothing else", () => {
  const rules = [rule([{ field: "list", value: "é “x” \\ \"" }], [{ kind: "discard", value: "" }], { name: "ü\u2028" }), empty()];
  const { text } = write(rules);
  expect(read(text)).toEqual(rules);
  expect(read(write([]).text)).toEqual([]);
  for (const other of [text.replace("discard", "keep"), `${text}keep;\r\n`, "", "keep;", "# Passerelle rules: {", "# Passerelle rules: [{}]\r\n", "# Passerelle rules: null"]) {
    expect(read(other), other).toBe(null);
  }
});

it("knows a list by what it does, in its order", () => {
  const [one, two] = [rule([{ field: "from", value: "x" }], [{ kind: "seen", value: "" }]), empty()];
  expect(isSame([one, two], structuredClone([one, two]))).toBe(true);
  for (const other of [[two, one], [one], [], [one, { ...two, name: "n" }], [one, { ...two, stop: !two.stop }]]) expect(isSame([one, two], other)).toBe(false);
});

it("says what is wrong before the store does", () => {
  const mailboxes = new Set(["A"]);
  const powers = new Set(["fileinto", "copy", "imap4flags"]);
  const from: Condition = { field: "from", value: "x" };
  const check = (one: Rule, can = powers) => wrongWith(one, mailboxes, can);
  expect(check(rule([from], [{ kind: "move", value: "A" }]))).toBe(null);
  expect(check(empty())).toBe("filters-wrong-condition");
  expect(check(rule([], [{ kind: "discard", value: "" }]))).toBe("filters-wrong-condition");
  expect(check(rule([{ field: "size", value: "big" }], [{ kind: "discard", value: "" }]))).toBe("filters-wrong-size");
  expect(check(rule([from], []))).toBe("filters-wrong-action");
  expect(check(rule([from], [], { stop: true }))).toBe(null);
  expect(check(rule([from], [{ kind: "copy", value: "gone" }]))).toBe("filters-wrong-mailbox");
  expect(check(rule([from], [{ kind: "forward", value: "nobody" }]))).toBe("filters-wrong-address");
  expect(check(rule([from], [{ kind: "discard", value: "" }, { kind: "move", value: "A" }]))).toBe("filters-wrong-discard");
  expect(check(rule([from], [{ kind: "seen", value: "" }]), new Set(["fileinto"]))).toBe("filters-wrong-power");
});

it("finds whose line a complaint is of", () => {
  const written = write([empty(), rule([{ field: "from", value: "x" }, { field: "to", value: "y" }], [{ kind: "move", value: "A" }])]);
  const [first = 0, second = 0] = written.lines;
  expect(written.text.split("\r\n")[first - 1]).toBe("#");
  expect(blamed(`main_script: line ${first + 1}: error: no`, written)).toBe(0);
  expect(blamed(`line ${second + 2}: error`, written)).toBe(1);
  expect(blamed("line 1: error", written)).toBe(null);
  expect(blamed("no room", written)).toBe(null);
});
