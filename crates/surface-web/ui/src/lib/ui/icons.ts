// The icons of the sprite, by their names at Lucide. A new one is added here and nowhere else.

export const ICONS = [
  "archive", "arrow-down", "arrow-left", "arrow-up", "at-sign", "bell", "bold", "book-user", "cake", "calendar", "chart-column", "check", "chevron-down", "chevron-left", "chevron-right",
  "chevrons-up-down", "circle-alert", "circle-check", "circle-help", "circle-user", "cloud-off", "code", "columns-2", "contact", "copy", "download",
  "ellipsis", "door-open", "external-link", "eye", "eye-off", "file", "file-archive", "file-audio", "file-image", "file-pen", "file-text",
  "file-video", "flag", "folder", "folder-input", "folder-open", "folder-plus", "folder-up", "forward", "globe", "heading", "history",
  "house", "image", "image-off", "inbox", "indent-decrease", "indent-increase", "italic", "key-round", "keyboard", "languages", "layout-grid", "link",
  "list", "list-checks", "list-filter", "list-ordered", "list-plus", "lock", "log-out", "mail", "mail-open", "map-pin", "menu", "minus", "moon", "monitor", "notebook-pen", "palette",
  "paperclip", "pause", "pencil", "phone", "play", "plus", "printer", "quote", "refresh-cw", "repeat", "reply", "reply-all", "rotate-ccw", "search",
  "send", "settings", "share-2", "shield", "shield-alert", "smartphone", "square-check", "star", "sun", "trash-2", "triangle-alert",
  "underline", "undo-2", "upload", "user", "user-plus", "users", "wifi-off", "x", "zoom-in", "zoom-out",
] as const;

export type IconName = (typeof ICONS)[number];
