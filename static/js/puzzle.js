/* Solves the puzzle that the donation form asks for while somebody tries out stolen cards: finds, from 0 on, the counter
   whose key begins as told (ALTCHA's proof of work, PBKDF2). It begins when the page is there, so that it is done before
   the form is filled in; a form that is sent sooner waits for it. */
"use strict";
{
  const field = document.getElementById("puzzle");
  const words = document.getElementById("puzzle-words");
  const form = field && field.form;
  let sender = null;
  let waits = false;

  const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const solve = async ({ parameters }) => {
    const nonce = bytes(parameters.nonce);
    const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(parameters.salt), iterations: parameters.cost };
    const password = new Uint8Array(nonce.length + 4);
    password.set(nonce);
    for (let counter = 0; ; counter += 1) {
      new DataView(password.buffer).setUint32(nonce.length, counter);
      const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
      const derivedKey = hex(await crypto.subtle.deriveBits(how, key, parameters.keyLength * 8));
      if (derivedKey.startsWith(parameters.keyPrefix)) return { counter, derivedKey };
    }
  };

  const start = async () => {
    const challenge = JSON.parse(field.dataset.puzzle);
    words.textContent = words.dataset.working;
    form.addEventListener("submit", (event) => {
      if (field.value) return;
      event.preventDefault();
      sender = event.submitter;
      waits = true;
      words.textContent = words.dataset.waiting;
    });
    const solution = await solve(challenge);
    field.value = btoa(JSON.stringify({ challenge, solution }));
    words.textContent = words.dataset.done;
    if (waits) form.requestSubmit(sender);
  };

  // Without it, which is so on a page that came without encryption, the words for browsers without scripts stay.
  if (form && window.crypto && crypto.subtle) start();
}
