// The service worker: the shell of the office starts without a network. It never keeps anything of a person's: neither mail
// nor files nor names, only what is the same for everybody at this institution, and how the office looks.

const MARK = "office-mark";
const FILES = [/* files */];

addEventListener("install", (event) => {
  // What writes goes past the worker where the browser can have it so: what a page still says while it goes away would have to wake one,
  // and is lost where the page is gone before.
  event.addRoutes?.(["POST", "PUT", "DELETE"].map((requestMethod) => ({ condition: { requestMethod }, source: "network" })));
  event.waitUntil(
    caches
      .open(MARK)
      .then((cache) => cache.addAll(FILES))
      .then(() => skipWaiting()),
  );
});

addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("office-") && name !== MARK);
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(old(names).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/office/")) event.respondWith(keptFirst(request));
  // The page itself, and what it looks like: the newest when there is a network.
  else if (url.pathname === "/" || url.pathname.startsWith("/branding")) event.respondWith(networkFirst(request, url));
});

async function keptFirst(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(MARK)).put(request, answer.clone());
  return answer;
}

async function networkFirst(request, url) {
  try {
    const answer = await fetch(request);
    // Whoever is sent to sign in must not find that under the address of the office.
    if (answer.ok && !answer.redirected) (await caches.open(MARK)).put(url.pathname, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(url.pathname);
    if (kept) return kept;
    throw error;
  }
}

// A notification leads to the office: to the window that is there, or a new one.
addEventListener("notificationclick", (event) => {
  event.notification.close();
  const go = async () => {
    const [open] = await clients.matchAll({ type: "window" });
    return open ? open.focus() : clients.openWindow("/");
  };
  event.waitUntil(go());
});
