/* Keys for the moderators' list. They press the buttons and follow the links that are on the page, and nothing else;
   they work while the focus is in the queue or nowhere, never in a field, and can be turned off for good. */
"use strict";
{
  const OFF = "queue-keys";
  const queue = document.getElementById("queue");
  const boxes = [...document.querySelectorAll('input[name="ids"]')];
  const all = document.querySelector("[data-all]");
  const chosen = document.querySelector("[data-chosen]");
  const like = document.querySelector("[data-like]");
  const keys = document.querySelector("[data-keys]");
  const control = document.querySelector("[data-switch]");

  const isOff = () => localStorage.getItem(OFF) === "off";
  const link = (tr) => tr.querySelector("a[id]");

  const count = () => {
    const ticked = boxes.filter((box) => box.checked);
    if (chosen) {
      chosen.textContent = chosen.dataset.chosen.replace("{n}", ticked.length);
      chosen.hidden = ticked.length === 0;
    }
    if (all) {
      all.checked = ticked.length > 0 && ticked.length === boxes.length;
      all.indeterminate = ticked.length > 0 && !all.checked;
    }
    if (like) {
      const kinds = new Map(ticked.map((box) => [box.dataset.kind, Number(box.dataset.alike)]));
      const known = ticked.length > 0 && ticked.every((box) => box.dataset.alike);
      const sum = [...kinds.values()].reduce((a, b) => a + b, 0);
      like.textContent = known ? like.dataset.like.replace("{n}", sum) : like.dataset.plain;
    }
  };

  const rows = [...document.querySelectorAll("#queue tbody tr")];
  const here = () => {
    const focused = rows.findIndex((tr) => tr.contains(document.activeElement));
    return focused >= 0 ? focused : rows.findIndex((tr) => tr.matches("[aria-current]"));
  };

  const step = (by) => {
    const at = here();
    const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next) link(next).focus();
  };
  const choose = () => {
    const box = rows[here()]?.querySelector('input[name="ids"]');
    if (!box) return;
    box.checked = !box.checked;
    count();
  };
  const press = (key) => {
    const button = queue && queue.querySelector(`[data-key="${key}"]`);
    if (!button) return;
    if (!boxes.some((box) => box.checked)) choose();
    const reason = document.getElementById("reason");
    if (key === "r" && reason && !reason.value) reason.focus();
    else queue.requestSubmit(button);
  };
  const acts = {
    j: () => step(1),
    k: () => step(-1),
    x: choose,
    a: () => press("a"),
    r: () => press("r"),
    e: () => press("e"),
    z: () => document.querySelector("#undo button")?.click(),
    "/": () => document.getElementById("q").focus(),
  };

  const isInQueue = (element) => element === document.body || element.closest("[data-queue]") !== null;
  document.addEventListener("keydown", (event) => {
    if (isOff() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
    const act = acts[event.key.toLowerCase()];
    if (!act || typing || !isInQueue(event.target)) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    count();
  });

  const show = () => {
    keys.hidden = isOff();
    keys.closest("[data-queue]").toggleAttribute("data-keys-on", !isOff());
    const [on, off] = [control.dataset.on, control.dataset.off];
    control.textContent = isOff() ? on : off;
  };
  if (like) like.dataset.plain = like.textContent;
  if (all) all.hidden = boxes.length === 0;
  if (control) {
    control.hidden = false;
    control.addEventListener("click", () => {
      if (isOff()) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "off");
      show();
    });
    show();
  }
  count();
}
