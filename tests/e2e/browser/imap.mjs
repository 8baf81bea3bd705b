// Another mail program of the same person, as far as the visitors need one (RFC 9051).

import { connect } from "node:net";

export class Imap {
  #count = 0;
  #text = "";
  #wake = () => undefined;

  static async logIn(port, login, password) {
    const imap = new this();
    imap.socket = connect(Number(port), "127.0.0.1");
    imap.socket.setEncoding("utf8");
    imap.socket.on("data", (text) => {
      imap.#text += text;
      imap.#wake();
    });
    await imap.#until(/^\* OK.*\r\n/m);
    await imap.command(`LOGIN ${login} ${password}`);
    return imap;
  }

  /** What a command is answered; an error where it is no OK. */
  async command(command) {
    const tag = `t${this.#count++}`;
    this.#text = "";
    this.socket.write(`${tag} ${command}\r\n`);
    await this.#until(new RegExp(`^${tag} .*\r\n`, "m"));
    if (!this.#text.includes(`${tag} OK`)) throw new Error(`${command.slice(0, 60)}: ${this.#text}`);
    return this.#text;
  }

  append(mailbox, flags, message) {
    const octets = message.replaceAll("\n", "\r\n");
    return this.command(`APPEND "${mailbox}" (${flags}) {${Buffer.byteLength(octets)}+}\r\n${octets}`);
  }

  close() {
    this.socket.end();
  }

  async #until(found) {
    while (!found.test(this.#text)) await new Promise((resolve) => (this.#wake = resolve));
  }
}
