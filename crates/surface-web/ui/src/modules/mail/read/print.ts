// A message on paper: in a frame that is never seen, with the same policy as the one on the screen.

import { t } from "../../../lib/i18n.svelte";
import type { Email } from "../../../lib/jmap/types";
import { longDate, written } from "../format";
import { clean } from "./clean";

export function printMessage(email: Email, html: string | null, text: string): void {
  const frame = document.createElement("iframe");
  frame.title = t("mail-print");
  frame.hidden = true;
  // The dialogue of printing is a modal one; nothing else is let in.
  frame.setAttribute("sandbox", "allow-same-origin allow-modals");
  frame.src = "/message-frame";
  frame.onload = () => {
    const { contentDocument: page, contentWindow: window } = frame;
    if (!page || !window) return;
    const head = page.createElement("div");
    const lines: [string, string][] = [
      [t("mail-from"), (email.from ?? []).map(written).join(", ")],
      [t("mail-to"), (email.to ?? []).map(written).join(", ")],
      [t("mail-date"), longDate(email.sentAt ?? email.receivedAt)],
    ];
    const title = page.createElement("h1");
    title.textContent = email.subject ?? t("mail-no-subject");
    head.append(title);
    for (const [name, value] of lines) {
      const line = page.createElement("p");
      line.textContent = `${name} : ${value}`;
      head.append(line);
    }
    const plain = page.createElement("pre");
    plain.textContent = text;
    page.body.replaceChildren(head, html === null ? plain : clean(html, window, { part: () => undefined, remote: null }).content);
    window.onafterprint = () => frame.remove();
    window.print();
  };
  document.body.append(frame);
}
