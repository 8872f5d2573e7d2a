/* Shows Markdown as the pages will, while it is typed: the server renders it, with the renderer of the pages.
   Without this script, the button “Preview the texts” does the same. */
"use strict";
{
  const PAUSE = 350; // milliseconds without a key before the server is asked

  const follow = (shown) => {
    const field = document.getElementById(shown.dataset.preview);
    const token = field.form.elements.csrf_token.value;
    let timer = 0;
    let asked = 0;
    const ask = async () => {
      const mine = ++asked;
      const body = new FormData();
      body.set("csrf_token", token);
      body.set("text", field.value);
      try {
        const answer = await fetch(shown.dataset.url, { method: "POST", body });
        const page = answer.ok ? await answer.text() : null;
        if (page !== null && mine === asked) shown.innerHTML = page;
      } catch {
        // Away for a moment: the last preview stays, and the next key asks again.
      }
    };
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
  };
  for (const shown of document.querySelectorAll("[data-preview]")) follow(shown);
}
