// The form to enter a battle: a verse with its rules beside it, kept as a draft or put in.

import { element, fill, setAttribute, setText, show } from "./dom.js";
import { letter } from "./lettering.js";
import { isEntryOpen, ownEntry } from "./phase.js";
import { faultsOf, refusalWords } from "./words.js";

export class EnterView {
  #root;
  #clock;
  #entering;
  #actions;
  #heading = element("h2", { class: "section-title", id: "enter-title" });
  #note = element("p", { class: "enter-note" });
  #form = element("form", {
    class: "form", novalidate: true, onsubmit: (event) => this.#submit(event),
  });
  #body = element("textarea", {
    id: "verse", name: "body", rows: "7", "aria-describedby": "verse-room verse-fault",
    placeholder: "Four bars, eight bars. Make it land.",
  });
  #room = element("p", { class: "hint", id: "verse-room" });
  #words = element("ul", { class: "words", "aria-label": "Words your verse must carry" });
  #fault = element("ul", { class: "fault", id: "verse-fault", role: "alert" });
  #put = element("button", { class: "button", type: "submit" }, "Drop the verse");
  #keep = element("button", {
    class: "button is-quiet", type: "button", onclick: () => this.#keepDraft(),
  }, "Keep as draft");
  #remove = element("button", {
    class: "button is-quiet", type: "button", onclick: () => this.#withdraw(),
  });
  #signIn = element("button", {
    class: "button", type: "button", onclick: () => this.#actions.signIn(),
  }, "Sign in to enter");
  #done = element("p", { class: "verdict", role: "status" });
  #state = null;
  #busy = false;
  #filledFor = null;
  #battleId = null;

  constructor(root, clock, entering, actions) {
    this.#root = root;
    this.#clock = clock;
    this.#entering = entering;
    this.#actions = actions;
    this.#body.addEventListener("input", () => this.#measure());
    fill(
      this.#form,
      element("label", { for: "verse" }, "Your verse"),
      this.#body,
      this.#room,
      this.#words,
      this.#fault,
      element("div", { class: "form-actions" }, this.#put, this.#keep),
    );
    fill(
      root, this.#heading, this.#note, this.#form,
      element("div", { class: "form-actions" }, this.#signIn, this.#remove), this.#done,
    );
    letter(this.#heading, "Grab the mic");
  }

  render(state) {
    this.#state = state;
    const visible = state.battle !== null && isEntryOpen(state.battle, this.#clock.serverNow());
    show(this.#root, visible);
    if (!visible) return;
    const own = ownEntry(state);
    const takesText = state.battle.rules?.allowedContentTypes?.includes("text") ?? true;
    const isSignedIn = state.session.status === "signedIn";
    const submitted = own?.status === "submitted";
    setText(this.#note, noteWords(state, takesText, own));
    show(this.#signIn, !isSignedIn && state.issuer === "open");
    show(this.#form, isSignedIn && takesText && !submitted);
    show(this.#remove, own !== null);
    setText(this.#remove, submitted ? "Withdraw my verse" : "Throw the draft away");
    this.#fillDraft(state, own);
    this.#measure();
  }

  #fillDraft(state, own) {
    const key = own?.status === "draft" ? own.id : `none ${state.battleId}`;
    if (key === this.#filledFor) return;
    const otherBattle = this.#battleId !== state.battleId;
    this.#filledFor = key;
    this.#battleId = state.battleId;
    if (own?.status === "draft") {
      if (this.#body.value.trim() === "" || otherBattle) this.#body.value = own.content.body ?? "";
    } else {
      this.#body.value = "";
      this.#showFaults([]);
    }
    if (otherBattle) setText(this.#done, "");
  }

  // Lengths count code points after normalisation, as the server counts them.
  #measure() {
    const rules = this.#state?.battle?.rules ?? {};
    const text = this.#body.value.normalize("NFC");
    const length = [...text].length;
    const least = rules.minTextLength ?? 1;
    const most = rules.maxTextLength;
    setText(this.#room, roomWords(length, least, most));
    const folded = text.toLowerCase();
    const required = rules.requiredWords ?? [];
    show(this.#words, required.length > 0);
    if (this.#words.children.length !== required.length) {
      fill(this.#words, required.map((word) => element("li", {}, word)));
    }
    required.forEach((word, index) => {
      const used = folded.includes(word.toLowerCase());
      this.#words.children[index].classList.toggle("is-used", used);
      setText(this.#words.children[index], used ? `${word}: in` : word);
    });
  }

  async #submit(event) {
    event.preventDefault();
    await this.#run("Your verse is in.", async () => {
      await this.#entering.submit(this.#body.value);
      this.#body.value = "";
    });
  }

  #keepDraft() {
    return this.#run("Draft kept. Nobody else sees it.", () =>
      this.#entering.keepDraft(this.#body.value));
  }

  #withdraw() {
    return this.#run("Taken out again.", () => this.#entering.withdraw());
  }

  async #run(success, work) {
    if (this.#busy) return;
    this.#setBusy(true);
    this.#showFaults([]);
    setText(this.#done, "");
    try {
      await work();
      setText(this.#done, success);
      this.#done.dataset.status = "counted";
    } catch (error) {
      if (error.code === undefined) throw error;
      const faults = faultsOf(error).map(faultWords);
      this.#showFaults(faults.length ? faults : [refusalWords(error)]);
    } finally {
      this.#setBusy(false);
    }
  }

  #showFaults(sentences) {
    fill(this.#fault, sentences.map((text) => element("li", {}, text)));
    setAttribute(this.#body, "aria-invalid", String(sentences.length > 0));
  }

  #setBusy(busy) {
    this.#busy = busy;
    for (const button of [this.#put, this.#keep, this.#remove]) button.disabled = busy;
    setText(this.#put, busy ? "Sending…" : "Drop the verse");
  }
}

function noteWords(state, takesText, own) {
  const types = (state.battle.rules?.allowedContentTypes ?? []).join(" and ");
  if (!takesText) return `This battle takes ${types}, which this page cannot send.`;
  if (own?.status === "submitted") return "Your verse stands. Wait for the crowd.";
  if (state.session.status === "signedIn") return "The mics are open. One take, your words.";
  return state.issuer === "open"
    ? "The mics are open. Sign in and put your verse up."
    : "The mics are open for those who are signed in.";
}

function roomWords(length, least, most) {
  if (length < least) return `${length} characters. At least ${least} are needed.`;
  if (most && length > most) return `${length} characters, ${length - most} too many.`;
  return most ? `${length} of ${most} characters.` : `${length} characters.`;
}

function faultWords(fault) {
  const place = fault.path === "/content/body" || !fault.path ? "The verse" : fault.path;
  return `${place} ${fault.message}.`;
}
