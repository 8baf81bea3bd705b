// Signs on at a provider and out again, in Chromium. Prints one JSON object a line of what it saw, and ends with 1 when
// something is not as it must be.
//
// node sign_on.mjs CERTIFICATES HOST LOGIN KIND PORT PORT: the folder of the hosts' certificates, an institution's host, who,
// the provider's kind, and the HTTPS ports of two nodes. The password is pw-LOGIN.

import { launch, PATIENCE } from "./chromium.mjs";

const [certificates, host, login, kind, ...ports] = process.argv.slice(2);
const [first, second] = ports.map((port) => `https://${host}.localhost:${port}`);
/** How long a log-out at the provider may take to be known everywhere, in milliseconds. */
const KNOWN = 10_000;

function demand(what, right) {
  if (!right) throw new Error(what);
}

/** Fills in whatever form the provider shows. */
const FORMS = {
  async cas(page) {
    await page.fill("#id_username", login);
    await page.fill("#id_password", `pw-${login}`);
    await page.press("#id_password", "Enter");
  },
  async oidc(page) {
    await page.fill("#login", login);
    await page.fill("#password", `pw-${login}`);
    await page.press("#password", "Enter");
  },
  async saml(page) {
    await page.fill("#username", login);
    await page.fill("#password", `pw-${login}`);
    await page.press("#password", "Enter");
  },
};

/** Signs out at the provider itself, away from us. */
const LEAVE = {
  async saml(page, provider) {
    await page.goto(`${provider}/saml2/idp/SingleLogoutService.php?ReturnTo=${encodeURIComponent(`${provider}/assets/`)}`);
    await page.waitForURL(`${provider}/assets/`);
  },
  cas: (page, provider) => page.goto(`${provider}/cas/logout`),
  async oidc(page, provider) {
    await page.goto(`${provider}/session/end`);
    await page.getByText("Signed out").or(page.getByText("Sign-out Success")).first().waitFor();
  },
};

const browser = await launch(certificates, [host]);
try {
  const context = await browser.newContext({ locale: "en-GB" });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const at = (url) => new URL(page.url()).origin === new URL(url).origin;
  const isIn = async (node) => {
    await page.goto(`${node}/basic`);
    return at(node) && (await page.locator("#app-passwords").count()) === 1;
  };
  const signOn = async () => {
    await page.goto(`${first}/basic`);
    if (at(first)) await page.locator(`main a.button[href^="/${kind}/"]`).first().click();
    const provider = new URL(page.url()).origin;
    await FORMS[kind](page);
    await page.waitForURL((url) => url.origin === first);
    demand(`signed on and at home, not at ${page.url()}`, (await page.locator("#app-passwords").count()) === 1);
    return provider;
  };

  const provider = await signOn();
  const shown = await page.locator("main").innerText();
  const counts = /(No|\d+) unread message/;
  const name = await page.locator("header .name").innerText();
  const colour = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--brand").trim());
  const files = (await page.locator("#file").count()) === 1;
  console.log(JSON.stringify({ mail: counts.test(shown), files, name, colour, shown }));
  // Tokens of a client that wants them short have run out by then.
  await page.waitForTimeout(1500);
  demand("the other node knows the session", await isIn(second));
  const there = counts.test(await page.locator("main").innerText());
  demand("and reaches the mail as well", there === counts.test(shown));
  await isIn(first);
  await page.locator("summary").click();
  await page.fill("#name", "phone");
  await page.press("#name", "Enter");
  const secret = (await page.locator(".secret").innerText()).replaceAll(/\s/g, "");
  console.log(JSON.stringify({ secret }));

  // Out at the provider; the gateway hears of it from the provider's own server.
  const cookies = await context.cookies(first);
  demand("the note of the sign-on is gone", !cookies.some(({ name }) => name.startsWith("__Host-passerelle-on-")));
  await LEAVE[kind](page, provider);
  const out = performance.now();
  for (const node of [first, second]) {
    while (await isIn(node)) demand(`${node} still knows the session`, performance.now() - out < KNOWN);
    console.log(JSON.stringify({ node, ended_ms: Math.round(performance.now() - out) }));
  }

  // In again, and out everywhere from our side: at the provider too.
  await signOn();
  await page.locator("summary").click();
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.waitForURL((url) => url.origin === first && url.search === "?signed=out");
  demand("the page says so", await page.getByRole("status").isVisible());
  demand("nobody is in", !(await isIn(first)) && !(await isIn(second)));
  await page.goto(`${first}/${kind}/${host}/login`);
  demand("the provider has forgotten the person too, and asks", new URL(page.url()).origin === provider);
  console.log(JSON.stringify({ done: true }));
} finally {
  await browser.close();
}
