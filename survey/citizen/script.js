// Only adds; every page works without it. Keeps what is not sent yet on this device, sends again on a bad network,
// warns before typed text is lost, and shows at once the questions that an answer brings up.
(() => {
  const form = document.querySelector("main form[data-sending]");
  if (!form) return;
  const status = document.getElementById("status");
  const key = "phieu " + location.pathname;
  const revision = form.elements.revision.value;
  let unsaved = false;
  let busy = false;

  const say = (text) => { status.textContent = text; };
  const kept = (change) => { try { return change(localStorage); } catch { return null; } };
  const answers = () => [...new FormData(form)].filter(([name]) => name != "revision" && name != "asked");
  const forget = () => kept((store) => store.removeItem(key));

  // Questions whose condition is about this page: the server sends them hidden.
  const values = (name) => {
    if (form.querySelector(`[data-if][hidden] [name="${CSS.escape(name)}"]`)) return [];
    return new FormData(form).getAll(name).filter((value) => value.trim());
  };
  const holds = ([sign, ...parts]) => {
    if (sign == "and") return parts.every(holds);
    if (sign == "or") return parts.some(holds);
    if (sign == "not") return !holds(parts[0]);
    if (sign == "known") return parts[0];
    const [name, ...wanted] = parts;
    const given = values(name);
    if (!given.length) return false;
    if (sign == "answered") return given[0] != "declined";
    if (sign == "has") return given.includes(wanted[0]);
    const equal = wanted.some((one) => String(one) == given[0]);
    if (sign == "==" || sign == "in") return equal;
    if (sign == "!=") return !equal;
    const [a, b] = [Number(given[0]), wanted[0]];
    return sign == "<" ? a < b : sign == "<=" ? a <= b : sign == ">" ? a > b : a >= b;
  };
  const unfold = () => {
    for (const box of form.querySelectorAll("[data-if]")) {
      box.hidden = !holds(JSON.parse(box.dataset.if));
      if (!box.hidden) box.disabled = false; // and stays so: what was answered here is kept, and left out at the end
    }
    for (const part of form.querySelectorAll("section")) {
      part.hidden = !part.querySelector(":scope > .item, :scope > .later:not([hidden])");
    }
  };

  const restore = () => {
    const found = JSON.parse(kept((store) => store.getItem(key)) || "null");
    if (!found || found.revision != revision || document.getElementById("summary")) return forget();
    for (const [name, value] of found.answers) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type == "radio" || field.type == "checkbox") field.checked ||= field.value == value;
        else if (field.type != "hidden") field.value = value;
      }
    }
    say(form.dataset.kept);
    unsaved = true;
  };

  form.addEventListener("input", () => {
    unsaved = true;
    unfold();
    kept((store) => store.setItem(key, JSON.stringify({ revision, answers: answers() })));
  });
  addEventListener("beforeunload", (event) => {
    const typed = [...form.querySelectorAll("textarea")].some((area) => area.value != area.defaultValue);
    if (unsaved && typed && !busy) event.preventDefault();
  });

  const pause = (seconds) => new Promise((go) => {
    setTimeout(go, 1000 * seconds);
    addEventListener("online", go, { once: true });
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    for (let wait = 1; ; wait = Math.min(2 * wait, 30)) {
      say(form.dataset.sending);
      try {
        const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "omit" });
        if (answer.status < 500) {
          forget();
          say(form.dataset.saved);
          // A page that comes back, or the receipt: sent once more as a plain form, which changes nothing on the server.
          if (answer.redirected) location.assign(answer.url);
          else form.submit();
          return;
        }
      } catch { /* no network: again below */ }
      say(form.dataset.offline);
      await pause(wait);
    }
  });
  addEventListener("pageshow", () => { busy = false; });

  restore();
  unfold();
})();
