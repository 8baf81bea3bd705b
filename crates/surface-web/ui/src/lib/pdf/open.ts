// Opens a PDF by pdf.js, in a worker of its own. What could act or call out is not there: no engine for scripts, no forms that are
// sent, no address but those of the file itself and of our own fonts and decoders.

import * as pdfjs from "pdfjs-dist/legacy/build/pdf.mjs";
import type { PDFDocumentProxy } from "pdfjs-dist/types/src/display/api";
import { FIRST, PdfFault, piece, type Piece } from "./ranges";

/** Where pdf.js finds what it needs for some files only (`tools/pdf.ts`). */
const PARTS = `/assets/office/pdf-${pdfjs.version}/`;
/** Octets that are asked for together. */
const CHUNK = 128 * 1024;
/** Pixels of an image within a PDF: a larger one is left out. */
const LARGEST_IMAGE = 64_000_000;

export interface Opened {
  pdf: PDFDocumentProxy;
  close: () => void;
}

/** Opens what is at an address of ours. `onfault` hears of what cannot be read later. */
export async function open(address: string, onfault: (fault: PdfFault) => void, signal: AbortSignal): Promise<Opened> {
  const first = await piece(address, 0, FIRST, "", signal);
  if (signal.aborted) throw new PdfFault("away");
  const port = new Worker(`${PARTS}pdf.worker.min.mjs`, { type: "module" });
  const worker = pdfjs.PDFWorker.create({ port, verbosity: pdfjs.VerbosityLevel.ERRORS });
  const reading = new AbortController();
  const task = pdfjs.getDocument({
    ...(first.octets.length < first.whole
      ? { range: new Ranges(address, first, onfault, reading.signal), rangeChunkSize: CHUNK, disableAutoFetch: true, disableStream: true }
      : { data: first.octets }),
    worker,
    cMapUrl: PARTS,
    cMapPacked: true,
    standardFontDataUrl: PARTS,
    wasmUrl: PARTS,
    useWasm: false,
    // Else what a machine has would be used, and ours loaded as fonts of the page, which its policy has none of.
    useSystemFonts: false,
    enableXfa: false,
    maxImageSize: LARGEST_IMAGE,
    verbosity: pdfjs.VerbosityLevel.ERRORS,
  });
  const close = (): void => {
    reading.abort();
    void task.destroy().finally(() => {
      worker.destroy();
      port.terminate();
    });
  };
  // A worker that does not start would be waited for.
  const lost = new Promise<never>((_, reject) => port.addEventListener("error", () => reject(new PdfFault("away")), { once: true }));
  try {
    return { pdf: await Promise.race([task.promise, lost]), close };
  } catch (error) {
    close();
    throw faultOf(error);
  }
}

/** What pdf.js says, by the names of its errors: its classes do not pass the way from the worker. */
export function faultOf(error: unknown): PdfFault {
  if (error instanceof PdfFault) return error;
  return new PdfFault(error instanceof Error && error.name === "PasswordException" ? "password" : "broken");
}

class Ranges extends pdfjs.PDFDataRangeTransport {
  constructor(
    private readonly address: string,
    private readonly first: Piece,
    private readonly onfault: (fault: PdfFault) => void,
    private readonly signal: AbortSignal,
  ) {
    super(first.whole, first.octets);
  }

  override requestDataRange(begin: number, end: number): void {
    void this.#read(begin, end);
  }

  async #read(begin: number, end: number): Promise<void> {
    try {
      const { octets, whole } = await piece(this.address, begin, end, this.first.etag, this.signal);
      if (whole !== this.first.whole || octets.length !== end - begin) throw new PdfFault("changed");
      if (!this.signal.aborted) this.onDataRange(begin, octets);
    } catch (error) {
      if (!this.signal.aborted) this.onfault(faultOf(error));
    }
  }
}
