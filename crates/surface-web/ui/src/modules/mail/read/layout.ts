// How tables and texts of mail are laid out, for whoever cleans them: what one reads, and what an answer quotes of it.

/** DOMPurify takes every other attribute for an address, which must look like one. None of these is fetched or run. */
export const OF_LAYOUT = [
  "align", "bgcolor", "border", "cellpadding", "cellspacing", "clear", "color", "cols", "colspan", "dir", "face", "headers", "height", "hspace", "lang",
  "nowrap", "rows", "rowspan", "scope", "size", "span", "start", "type", "valign", "vspace", "width",
];
