// Compares a file with the register without sending it: only its SHA-256 leaves the browser.
// Without this script the form sends the file for the full check.
"use strict";

const form = document.getElementById("file-form");
const drop = document.getElementById("drop");
const input = form.querySelector('input[name="file"]');
const answer = document.getElementById("digest-answer");

async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function show({ digest = "", sentence, facts = [], found = null, in_force = null }, kind = "unknown") {
  answer.hidden = false;
  answer.className = `digest-answer ${found && in_force !== false ? "found" : kind}`;
  answer.querySelector(".digest").textContent = digest && `SHA-256 ${digest}`;
  answer.querySelector(".sentence").textContent = sentence;
  answer.querySelector("dl").replaceChildren(...facts.map(factRow));
}

function factRow([label, value, address]) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const description = document.createElement("dd");
  const text = document.createElement(address ? "a" : "span");
  if (address) text.href = address;
  term.textContent = label;
  text.textContent = value;
  description.append(text);
  row.append(term, description);
  return row;
}

async function compare(file) {
  if (file.size > Number(form.dataset.maxBytes)) {
    show({ sentence: form.dataset.tooLarge });
    return;
  }
  show({ sentence: form.dataset.computing }, "");
  try {
    const digest = await sha256(file);
    const response = await fetch(`${form.dataset.digestAddress}?sha256=${digest}`);
    if (!response.ok) throw new Error(response.statusText);
    const known = await response.json();
    // A file chosen in the meantime has its own answer.
    if (input.files[0] === file) show({ digest, ...known });
  } catch {
    show({ sentence: form.dataset.failed });
  }
}

// Digests need a secure context (https or localhost).
if (window.crypto?.subtle) {
  form.querySelector(".only-script").hidden = false;
  input.addEventListener("change", () => input.files[0] && compare(input.files[0]));
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    compare(input.files[0]);
  });
}
