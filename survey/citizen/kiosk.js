// A tablet many people use: forgets what a browser would keep, and goes back to its first page when nobody touches it.
// Without this script a page goes back by itself after a fixed time.
(() => {
  try { localStorage.clear(); sessionStorage.clear(); } catch { /* none to clear */ }
  const bar = document.getElementById("turn");
  const code = document.getElementById("code");
  const seconds = 60;
  let end = Date.now() + 1000 * seconds;
  const again = () => { end = Date.now() + 1000 * seconds; show(); };
  const show = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (bar) {
      bar.querySelector("[role=timer]").textContent = bar.dataset.left.replace("60", left);
      const soon = left <= 20 ? bar.dataset.soon : "";
      const told = bar.querySelector("[role=status]");
      if (told.textContent != soon) told.textContent = soon;
      if (!left) location.replace(bar.dataset.home);
    } else if (!left && code && code.value) location.replace(location.href);
  };
  for (const kind of ["pointerdown", "pointermove", "keydown", "input", "scroll"]) {
    addEventListener(kind, again, { passive: true, capture: true });
  }
  addEventListener("pageshow", (event) => { if (event.persisted && bar) location.replace(bar.dataset.home); });
  // What the counter sends here opens by itself, unless somebody is typing a code.
  const fetcher = document.getElementById("fetch");
  const look = async () => {
    if (code && code.value) return;
    try {
      const answer = await fetch(fetcher.dataset.waiting, { cache: "no-store" });
      if (answer.ok && await answer.text() && !(code && code.value)) fetcher.requestSubmit();
    } catch { /* no network: looked again soon */ }
  };
  if (fetcher) setInterval(look, 3000);
  setInterval(show, 1000);
  show();
})();
