// How answers look: each with its icon, beside which its word stands.

import type { IconName } from "../ui/icons";
import type { Standing } from "./people";

export const ICON_OF: Readonly<Record<Standing, IconName>> = {
  accepted: "circle-check", tentative: "circle-help", declined: "x", waiting: "mail", failed: "triangle-alert",
};
