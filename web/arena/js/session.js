// Who is looking: signs in through the development issuer and keeps the token for this tab alone.

const TOKEN_KEY = "wildnout.token";

export class Session {
  #api;
  #store;
  #onChange;

  /** `onChange(isSignedIn)` is called whenever someone came or went. */
  constructor(api, store, onChange) {
    this.#api = api;
    this.#store = store;
    this.#onChange = onChange;
    api.onUnauthorized = () => this.#end("Your sign-in has ended. Sign in again to go on.");
  }

  /** Takes up the token that this tab still holds, if the server still knows it. */
  async resume() {
    this.#findIssuer();
    const token = sessionStorage.getItem(TOKEN_KEY);
    if (!token) {
      this.#become(null);
      return;
    }
    this.#api.token = token;
    try {
      this.#become(await this.#api.get("/users/me"));
    } catch (error) {
      // Without an answer the token may be as good as ever: the socket finds out by trying.
      if (error.status === 401) return;
      this.#become({ id: null, displayName: "you" });
    }
  }

  /** Signs in under a ring name, or as a new nameless user when it is empty. */
  async signIn(username) {
    const answer = await this.#api.developmentToken(username ? { username } : {});
    this.#api.token = answer.token;
    sessionStorage.setItem(TOKEN_KEY, answer.token);
    this.#become(await this.#api.get("/users/me"));
  }

  /** Asks again who this is, where the server was silent before. */
  async refresh() {
    if (this.#store.state.session.user?.id !== null || !this.#api.token) return;
    try {
      const user = await this.#api.get("/users/me");
      this.#store.update({ session: { status: "signedIn", user, notice: null } });
    } catch {
      // The next reconnect asks again.
    }
  }

  signOut() {
    this.#end(null);
  }

  #end(notice) {
    sessionStorage.removeItem(TOKEN_KEY);
    this.#api.token = null;
    this.#become(null, notice);
  }

  #become(user, notice = null) {
    const status = user ? "signedIn" : "anonymous";
    this.#store.update({ session: { status, user, notice } });
    this.#onChange(user !== null);
  }

  async #findIssuer() {
    const exists = await this.#api.hasDevelopmentIssuer();
    if (exists !== null) this.#store.update({ issuer: exists ? "open" : "absent" });
  }
}
