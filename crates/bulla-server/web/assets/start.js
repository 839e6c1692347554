// Runs the page's three requests against the server it came from. The token stays in this module's memory.

import { anonymousSession } from "./handshake.js";

const captions = {
  open: "Not sealed yet: the API does not know you.",
  sealed: "Sealed. The signature is the seal; anyone may look inside.",
  whole: "The seal is whole. Accepted.",
  broken: "One character changed. The seal is broken, and it shows.",
};

const object = document.getElementById("object");
let token;

function show(state) {
  object.dataset.state = state;
  object.querySelector("[data-caption]").textContent = captions[state];
}

function step(name) {
  const root = document.querySelector(`[data-step="${name}"]`);
  return {
    answer: root.querySelector("[data-answer]"),
    run: root.querySelector("[data-run]"),
    breaks: root.querySelector("[data-break]"),
    anonymous: root.querySelector("[data-anonymous]"),
  };
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function post(path, body, bearer) {
  const headers = { "Content-Type": "application/json" };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store" });
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  return { ok: response.ok, status: response.status, body: isJson ? await response.json() : {} };
}

function tell(answer, result, ...lines) {
  const verdict = result.ok ? (result.status === 201 ? "sealed" : "accepted") : (result.body.code ?? "refused");
  answer.hidden = false;
  answer.dataset.accepted = result.ok ? "yes" : "no";
  answer.replaceChildren(element("b", `${result.status} ${verdict}`), ...lines);
}

function sealedToken(text) {
  const signature = text.lastIndexOf(".") + 1;
  const shown = element("span", text.slice(0, signature), "token");
  shown.append(element("mark", text.slice(signature)));
  return shown;
}

// Another character in the middle of the signature: still well-formed, no longer the issuer's.
function broken(text) {
  const at = text.lastIndexOf(".") + 20;
  return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
}

async function refused() {
  const result = await post("/contact", { message: "hello" });
  tell(step("refused").answer, result, element("span", result.body.detail ?? ""));
}

async function signUp() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const random = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const visitor = { username: `visitor-${random}`, password: crypto.randomUUID?.() ?? `${random}-${random}` };
  const result = await post("/auth/register", visitor);
  sealed(result);
}

// An anonymous token: the browser pays for it with some work.
async function visit() {
  const answer = step("sealed").answer;
  const onProgress = (share) => {
    answer.hidden = false;
    answer.replaceChildren(element("span", `solving: ${Math.round(share * 100)} %`));
  };
  try {
    sealed({ ok: true, status: 200, body: await anonymousSession({ onProgress }) });
  } catch (error) {
    if (!error.code) throw error;
    tell(answer, { ok: false, status: error.status, body: error }, element("span", error.message));
  }
}

function sealed(result) {
  token = result.body.access_token;
  tell(step("sealed").answer, result, token ? sealedToken(token) : element("span", result.body.detail ?? ""));
  if (!token) return;
  show("sealed");
  step("accepted").run.disabled = false;
  step("accepted").breaks.disabled = false;
}

async function present(bearer, state) {
  const result = await post("/contact", { message: "hello" }, bearer);
  tell(step("accepted").answer, result, element("span", result.body.message ?? result.body.detail ?? ""));
  show(result.ok ? "whole" : state);
}

// Clicks while a request is under way are ignored; a failed one says so where its answer would be.
function onClick(button, answer, action) {
  button.addEventListener("click", async () => {
    if (button.dataset.busy) return;
    button.dataset.busy = "yes";
    try {
      await action();
    } catch {
      tell(answer, { ok: false, status: "", body: { code: "no answer" } });
    } finally {
      delete button.dataset.busy;
    }
  });
}

async function tellStatus() {
  const status = document.getElementById("status");
  try {
    const [metadata, keys] = await Promise.all(
      ["/.well-known/oauth-authorization-server", "/.well-known/jwks.json"].map((path) => fetch(path).then((r) => r.json())),
    );
    const algorithms = [...new Set(keys.keys.map((key) => key.alg))].join(", ");
    const published = keys.keys.length ? `${keys.keys.length} public keys, ${algorithms}` : "keys stay inside";
    status.dataset.live = "yes";
    status.querySelector("[data-status]").textContent = `${metadata.issuer} · ${published}`;
  } catch {
    status.dataset.live = "no";
    status.querySelector("[data-status]").textContent = "the issuer does not answer";
  }
}

function enableCopying(button) {
  if (!navigator.clipboard) {
    button.remove();
    return;
  }
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.closest(".step").querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

for (const span of document.querySelectorAll("[data-origin]")) span.textContent = location.origin;
for (const button of document.querySelectorAll("[data-copy]")) enableCopying(button);
for (const actions of document.querySelectorAll(".actions")) actions.hidden = false;

const last = step("accepted");
last.run.disabled = true;
last.breaks.disabled = true;
onClick(step("refused").run, step("refused").answer, refused);
onClick(step("sealed").run, step("sealed").answer, signUp);
onClick(step("sealed").anonymous, step("sealed").answer, visit);
onClick(last.run, last.answer, () => present(token, "sealed"));
onClick(last.breaks, last.answer, () => present(broken(token), "broken"));
tellStatus();
