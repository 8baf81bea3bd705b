// What the tests ask of Thunderbird, by the interfaces that its own windows use.
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

/** Waits until `look` gives something. */
globalThis.until = async (what, look) => {
  const end = Date.now() + 20000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`it never came to pass: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
};

/** A listener to a URL, and the promise of its end. */
const ended = () => {
  const {promise, resolve, reject} = Promise.withResolvers();
  return [{
    OnStartRunningUrl() {},
    OnStopRunningUrl(url, status) {
      Components.isSuccessCode(status) ? resolve() : reject(new Error(`${url?.spec}: ${status.toString(16)}`));
    },
    QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
  }, promise];
};

/** A listener to a copy, and the promise of its end. */
const copied = () => {
  const {promise, resolve, reject} = Promise.withResolvers();
  return [{
    onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() {},
    onStopCopy(status) { Components.isSuccessCode(status) ? resolve() : reject(new Error(`copy: ${status.toString(16)}`)); },
    QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
  }, promise];
};

/** The one account. */
globalThis.account = async (authority, imaps, submissions, login, password) => {
  Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(authority, "C,C,C");
  for (const origin of ["imap://localhost", "smtp://localhost"]) {
    const info = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
    info.init(origin, null, origin, login, password, "", "");
    await Services.logins.addLoginAsync(info);
  }
  const server = MailServices.accounts.createIncomingServer(login, "localhost", "imap");
  server.port = imaps;
  server.socketType = Ci.nsMsgSocketType.SSL;
  server.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
  const outgoing = MailServices.outgoingServer.createServer("smtp");
  outgoing.QueryInterface(Ci.nsISmtpServer);
  outgoing.hostname = "localhost";
  outgoing.port = submissions;
  outgoing.username = login;
  outgoing.socketType = Ci.nsMsgSocketType.SSL;
  outgoing.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
  const identity = MailServices.accounts.createIdentity();
  identity.email = login;
  identity.fullName = "Une Personne";
  identity.smtpServerKey = outgoing.key;
  identity.doFcc = false;
  const account = MailServices.accounts.createAccount();
  account.addIdentity(identity);
  account.incomingServer = server;
  globalThis.identity = identity;
  globalThis.server = server;
  const [listener, end] = ended();
  server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox).getNewMessages(null, listener);
  await end;
};

/** The names of all folders that Thunderbird shows, as paths. */
globalThis.folders = () => server.rootFolder.descendants.map(it => decodeURIComponent(it.URI.split("/").slice(3).join("/")));

/** A folder by its path. */
globalThis.folder = path => {
  const found = server.rootFolder.descendants.find(it => decodeURIComponent(it.URI.split("/").slice(3).join("/")) == path);
  if (!found) throw new Error(`no folder ${path} among ${folders()}`);
  return found.QueryInterface(Ci.nsIMsgImapMailFolder);
};

/**
 * Opens a folder, or asks for its news. While the program is at work in the folder by itself it may take this for done and
 * never say so: whoever waits for something looks for it again.
 */
globalThis.update = async path => {
  const [listener, end] = ended();
  folder(path).updateFolderWithListener(null, listener);
  await Promise.race([end, new Promise(resolve => setTimeout(resolve, 5000))]);
};

/** Asks for the list of folders again, as opening the account in the tree of folders does. */
globalThis.discover = () => server.performExpand(null);

/** Its messages: subject, read, flagged. */
globalThis.messages = path => [...folder(path).messages].map(it => [it.mime2DecodedSubject, it.isRead, it.isFlagged]);

/** One message by its subject. */
globalThis.message = (path, subject) => {
  const found = [...folder(path).messages].find(it => it.mime2DecodedSubject == subject);
  if (!found) throw new Error(`no message ${subject} among ${JSON.stringify(messages(path))}`);
  return found;
};

/** The whole text of a message, fetched. */
globalThis.text = async (path, subject) => {
  const uri = folder(path).getUriForMsg(message(path, subject));
  const {promise, resolve, reject} = Promise.withResolvers();
  let whole = "";
  const listener = {
    onStartRequest() {},
    onDataAvailable(request, stream, offset, count) {
      const reader = Cc["@mozilla.org/scriptableinputstream;1"].createInstance(Ci.nsIScriptableInputStream);
      reader.init(stream);
      whole += reader.read(count);
    },
    onStopRequest(request, status) { Components.isSuccessCode(status) ? resolve(whole) : reject(new Error(status.toString(16))); },
    QueryInterface: ChromeUtils.generateQI(["nsIStreamListener"]),
  };
  MailServices.messageServiceFromURI(uri).streamMessage(uri, listener, null, null, false, "", false);
  return promise;
};

/** Copies or moves messages from folder to folder. */
globalThis.transfer = async (from, subject, to, move) => {
  const [listener, end] = copied();
  MailServices.copy.copyMessages(folder(from), [message(from, subject)], folder(to), move, listener, null, false);
  await end;
};

/** Removes a message for good. */
globalThis.remove = async (path, subject) => {
  const [listener, end] = copied();
  folder(path).deleteMessages([message(path, subject)], null, true, false, listener, false);
  await end;
};

/** What the program says to its user from now on. */
globalThis.alerts = () => {
  const told = [];
  MailServices.mailSession.addUserFeedbackListener({
    onAlert(text) { told.push(text); return true; },
    onCertError() {},
    QueryInterface: ChromeUtils.generateQI(["nsIMsgUserFeedbackListener"]),
  });
  return told;
};

/** Writes a message and sends it. */
globalThis.send = async (to, subject, body) => {
  const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
  fields.from = identity.fullAddress;
  fields.to = to;
  fields.subject = subject;
  fields.body = body;
  const parameters = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(Ci.nsIMsgComposeParams);
  parameters.composeFields = fields;
  parameters.identity = identity;
  parameters.type = Ci.nsIMsgCompType.New;
  parameters.format = Ci.nsIMsgCompFormat.PlainText;
  const compose = MailServices.compose.initCompose(parameters);
  const {promise, resolve, reject} = Promise.withResolvers();
  const progress = Cc["@mozilla.org/messenger/progress;1"].createInstance(Ci.nsIMsgProgress);
  progress.registerListener({
    onStateChange(progress, request, flags, status) {
      if (flags & Ci.nsIWebProgressListener.STATE_STOP) {
        Components.isSuccessCode(status) ? resolve() : reject(new Error(`send: ${status.toString(16)}`));
      }
    },
    onStatusChange() {}, onSecurityChange() {}, onContentBlockingEvent() {}, onProgressChange() {}, onLocationChange() {},
    QueryInterface: ChromeUtils.generateQI(["nsIWebProgressListener", "nsISupportsWeakReference"]),
  });
  const sent = compose.sendMsg(Ci.nsIMsgSend.nsMsgDeliverNow, identity, "", null, progress);
  await Promise.race([promise, sent]);
};
