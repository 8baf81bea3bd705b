// An OpenID provider for institution B: people sign on with their directory's password, clients register themselves.
//
// node server.mjs FOLDER PORT LDAP_PORT KEYS: where its key lies, where it listens, the directory, and the folder in which
// the mail store looks for the key of access tokens.

import { execFile } from "node:child_process";
import dns from "node:dns";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

// The campus has no name server. RFC 6761 §6.3: names below localhost are this machine.
const lookup = dns.lookup;
dns.lookup = (host, ...rest) => lookup(host.endsWith(".localhost") ? "127.0.0.1" : host, ...rest);

const { Provider } = await import("oidc-provider");

const [folder, port, ldap, keys] = process.argv.slice(2);
const ISSUER = `http://127.0.0.1:${port}`;
const KEY_ID = "campus";

/** The key that signs, made the first time. */
function signingKey() {
  const file = `${folder}/key.json`;
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(file, JSON.stringify({ ...privateKey.export({ format: "jwk" }), kid: KEY_ID, use: "sig", alg: "RS256" }), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

const key = signingKey();
mkdirSync(`${keys}/default/RS256`, { recursive: true });
const published = createPublicKey({ key: { kty: key.kty, n: key.n, e: key.e }, format: "jwk" });
writeFileSync(`${keys}/default/RS256/${KEY_ID}`, published.export({ type: "spki", format: "pem" }));

const provider = new Provider(ISSUER, {
  jwks: { keys: [key] },
  cookies: { keys: ["campus"] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email"] },
  conformIdTokenClaims: false,
  async findAccount(_context, id) {
    return { accountId: id, claims: async () => ({ sub: id, preferred_username: id, email: `${id}@b.test` }) };
  },
  async loadExistingGrant(context) {
    // Whoever signs on at this campus has agreed.
    const grant = new provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
    grant.addOIDCScope("openid profile email offline_access");
    grant.addResourceScope("urn:campus:imap", "mail");
    await grant.save();
    return grant;
  },
  // What Keycloak has in access tokens too: the login, and the sign-on that the token is of.
  extraTokenClaims({ oidc: { entities } }, token) {
    const sid = (entities.AuthorizationCode ?? entities.RefreshToken)?.sid;
    return { preferred_username: token.accountId, ...(sid && { sid }) };
  },
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
  // Dovecot 2.3 takes tokens of this type only.
  formats: {
    customizers: {
      jwt(_context, _token, parts) {
        parts.header = { ...parts.header, typ: "JWT" };
      },
    },
  },
  // The clients are on this machine, which the provider's own dispatcher would refuse.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      // No question: the person has just asked for it.
      async logoutSource(context, form) {
        const asked = form.replace("</form>", '<input type="hidden" name="logout" value="yes"></form>');
        context.body = `<!doctype html><title>Sign out</title><body>${asked}<script>document.forms[0].submit()</script>`;
      },
    },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, _resource, client) => ({
        scope: "mail",
        audience: "imap",
        accessTokenFormat: "jwt",
        // Clients of these names want to see their tokens run out.
        accessTokenTTL: { short: 31, brief: 8 }[client.clientName] ?? 3600,
        jwt: { sign: { alg: "RS256", kid: KEY_ID } },
      }),
    },
  },
});

/** Whether the directory takes the password. */
async function binds(login, password) {
  if (!/^[a-z0-9]+$/.test(login) || !password) return false;
  const name = `uid=${login},ou=people,dc=b,dc=test`;
  try {
    await promisify(execFile)("ldapwhoami", ["-x", "-H", `ldap://127.0.0.1:${ldap}`, "-D", name, "-w", password]);
    return true;
  } catch {
    return false;
  }
}

const page = (uid) => `<!doctype html><title>Sign in</title><form method="post" action="/interaction/${uid}">
<input name="login" id="login"><input name="password" id="password" type="password"><button>Sign in</button></form>`;

provider.use(async (context, next) => {
  const uid = context.path.match(/^\/interaction\/([\w-]+)$/)?.[1];
  if (!uid) return next();
  if (context.method === "GET") {
    context.body = page(uid);
    return;
  }
  let body = "";
  for await (const piece of context.req) body += piece;
  const form = new URLSearchParams(body);
  if (!(await binds(form.get("login"), form.get("password")))) {
    context.status = 401;
    context.body = page(uid);
    return;
  }
  context.respond = false;
  await provider.interactionFinished(context.req, context.res, { login: { accountId: form.get("login") } });
});
provider.on("server_error", (_context, error) => console.error(error));
provider.on("backchannel.error", (_context, error) => console.error("back-channel:", error.message, error.cause ?? ""));
provider.on("grant.success", (context) => console.log(new Date().toISOString(), context.oidc.params.grant_type));
provider.listen(Number(port), "127.0.0.1");
