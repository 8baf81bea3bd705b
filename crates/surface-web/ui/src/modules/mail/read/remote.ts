// Pictures of elsewhere, which are fetched by the gateway when the reader wants them: who sent the message learns neither when it was
// read nor from where. Where the gateway has no way to, they stay blocked.

import { jmap } from "../../../lib/jmap/office";
import type { Id } from "../../../lib/jmap/types";

/** The capability under which the session tells the way: `{"url": "/.../{accountId}?url={url}"}`. */
const CAPABILITY = "urn:passerelle:params:jmap:pictures";

let template = "";
void jmap.session().then(
  (session) => (template = String(session.capabilities[CAPABILITY]?.["url"] ?? "")),
  () => undefined,
);

export const remotePictures = {
  get available(): boolean {
    return template !== "";
  },

  address(account: Id, picture: string): string | undefined {
    if (!template) return undefined;
    const address = template.replace("{accountId}", encodeURIComponent(account)).replace("{url}", encodeURIComponent(picture));
    return address.replace(/^https?:\/\/[^/]+/, "");
  },
};
