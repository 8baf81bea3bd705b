// What a file is to the eye: its icon, its picture, and how it can be looked at here.

import type { IconName } from "../../lib/ui/icons";
import type { Item } from "../../lib/dav/files";

export type Look = "image" | "audio" | "video" | "markdown" | "text" | "pdf" | "none";

/** Those that the server draws a small picture of. */
const DRAWN = new Set(["image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"]);
const SHOWN = new Set(["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"]);
const TEXTS = new Set(["application/json", "application/xml", "text/javascript"]);

export function icon(item: Pick<Item, "isFolder" | "type">): IconName {
  if (item.isFolder) return "folder";
  const [kind] = item.type.split("/");
  if (kind === "image") return "file-image";
  if (kind === "audio") return "file-audio";
  if (kind === "video") return "file-video";
  if (/zip|tar|gzip|bzip|7z|java-archive/.test(item.type)) return "file-archive";
  return item.type === "application/octet-stream" ? "file" : "file-text";
}

export const hasPicture = (item: Item): boolean => !item.isFolder && DRAWN.has(item.type) && item.size < 64 * 1024 * 1024;

export function look({ type }: Item): Look {
  if (SHOWN.has(type)) return "image";
  if (type === "application/pdf") return "pdf";
  if (type === "text/markdown") return "markdown";
  if (type.startsWith("audio/")) return "audio";
  if (type.startsWith("video/") && type !== "video/x-msvideo") return "video";
  return type.startsWith("text/") || TEXTS.has(type) ? "text" : "none";
}
