// The start: how the institution looks, the reader's language, then the shell.

import { mount } from "svelte";
import "./shell/office.css";
import App from "./shell/App.svelte";
import { branding } from "./lib/branding.svelte";
import { startFocus } from "./lib/focus";
import { i18n } from "./lib/i18n.svelte";
import { startKeys } from "./lib/keys.svelte";
import { jmap } from "./lib/jmap/office";
import { preferences } from "./lib/preferences.svelte";

// Asked for at once, since the first view waits for it; whoever uses it later hears what went wrong.
jmap.session().catch(() => undefined);
preferences.apply();
await branding.load();
await i18n.use(i18n.choose(branding.languages));
document.title = branding.name;
startKeys();
startFocus();

const place = document.getElementById("office");
if (place) mount(App, { target: place });

// In a portal's frame the portal decides what is kept.
if ("serviceWorker" in navigator && window.top === window.self) {
  navigator.serviceWorker.register("/sw.js").catch((error: unknown) => console.info("no offline start:", error));
}
