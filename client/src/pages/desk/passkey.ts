// A passkey is made or asked for (WebAuthn Level 2): options come from the server in the form, the browser's
// answer goes back in it.
//
// Danger: the answer is sent only to the form's own address, and only the browser and its authenticator make
// it.

interface Listed {
  readonly id: string;
  readonly type: PublicKeyCredentialType;
  readonly transports?: AuthenticatorTransport[];
}

/** Make every form of the page that waits for a passkey work. */
export function passkeys(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    let busy = false;
    form.addEventListener("submit", (event) => {
      if (credential(form).value !== "") return;
      event.preventDefault();
      if (busy) return;
      busy = true;
      void ask(form).finally(() => {
        busy = false;
      });
    });
  }
}

async function ask(form: HTMLFormElement): Promise<void> {
  const wrong = form.querySelector<HTMLElement>(".wrong");
  try {
    const options = JSON.parse(form.dataset["options"] ?? "") as Record<string, unknown>;
    credential(form).value = JSON.stringify(
      form.dataset["passkey"] === "create" ? await create(options) : await get(options),
    );
    form.requestSubmit();
  } catch {
    if (wrong !== null) wrong.textContent = form.dataset["failed"] ?? "";
  }
}

function credential(form: HTMLFormElement): HTMLInputElement {
  return form.elements.namedItem("credential") as HTMLInputElement;
}

async function create(options: Record<string, unknown>): Promise<object> {
  const user = options["user"] as { id: string };
  const made = (await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: raw(options["challenge"] as string),
      user: { ...user, id: raw(user.id) },
      excludeCredentials: listed(options["excludeCredentials"]),
    } as unknown as PublicKeyCredentialCreationOptions,
  })) as PublicKeyCredential;
  const answer = made.response as AuthenticatorAttestationResponse;
  return {
    ...named(made),
    transports: answer.getTransports?.() ?? [],
    extensions: JSON.stringify(made.getClientExtensionResults()),
    response: {
      attestationObject: text(answer.attestationObject),
      clientDataJSON: text(answer.clientDataJSON),
      transports: answer.getTransports?.() ?? [],
    },
  };
}

async function get(options: Record<string, unknown>): Promise<object> {
  const given = (await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: raw(options["challenge"] as string),
      allowCredentials: listed(options["allowCredentials"]),
    } as unknown as PublicKeyCredentialRequestOptions,
  })) as PublicKeyCredential;
  const answer = given.response as AuthenticatorAssertionResponse;
  return {
    ...named(given),
    extensions: JSON.stringify(given.getClientExtensionResults()),
    response: {
      authenticatorData: text(answer.authenticatorData),
      clientDataJSON: text(answer.clientDataJSON),
      signature: text(answer.signature),
      userHandle: answer.userHandle === null ? null : text(answer.userHandle),
    },
  };
}

function named(credential: PublicKeyCredential): object {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type };
}

function listed(credentials: unknown): object[] {
  return ((credentials ?? []) as Listed[]).map((each) => ({ ...each, id: raw(each.id) }));
}

/** Bytes out of base64url without padding (RFC 4648 §5). */
function raw(written: string): Uint8Array<ArrayBuffer> {
  const letters = atob(written.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function text(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
