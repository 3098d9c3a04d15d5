// Puts fresh figures into the page without losing the reader's place. Without this script the link “tải lại số liệu” does.
(() => {
  const region = () => document.getElementById("live");
  const seconds = Number(region()?.dataset.live);
  if (!seconds) return;
  const places = (root) => new Map([...root.querySelectorAll(".scroll[id]")].map((each) => [each.id, [each.scrollLeft, each.scrollTop]]));
  const busy = () => document.hidden || region().querySelector("form :focus, dialog[open]") || !getSelection().isCollapsed;
  async function refresh() {
    if (busy()) return;
    const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html", "X-Phieu-Refresh": "1" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    const old = region();
    if (!fresh || busy()) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const scrolled = places(old);
    const top = window.scrollY;
    for (const details of old.querySelectorAll("details[id]")) {
      const other = fresh.querySelector("#" + CSS.escape(details.id));
      if (other) other.open = details.open;
    }
    old.replaceChildren(...fresh.childNodes);
    for (const [id, [left, down]] of scrolled) {
      const each = document.getElementById(id);
      if (each) each.scrollTo(left, down);
    }
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    window.scrollTo(window.scrollX, top);
    if (!Number(fresh.dataset.live)) clearInterval(timer);
  }
  const timer = setInterval(() => refresh().catch(() => {}), seconds * 1000);
  document.addEventListener("phieu:refresh", () => refresh().catch(() => {}));
})();
