// A digit that fills its field goes on to the next one, Enter too; Ctrl+Enter saves. Without this the Tab key does it.
(() => {
  const form = document.querySelector("form.keying");
  if (!form) return;
  const fields = [...form.querySelectorAll(".key input, .key textarea")];
  const next = (field) => fields[fields.indexOf(field) + 1] ?? form.querySelector(".go button");
  form.addEventListener("keydown", (event) => {
    if (event.key != "Enter" || event.target.tagName == "BUTTON" || event.target.tagName == "A") return;
    if (event.ctrlKey) { event.preventDefault(); form.requestSubmit(); return; }
    if (event.target.tagName == "TEXTAREA") return;
    event.preventDefault();
    if (fields.includes(event.target)) next(event.target).focus();
  });
  form.addEventListener("input", (event) => {
    const field = event.target, most = Number(field.dataset.one);
    if (most && /^[1-9]$/.test(field.value) && Number(field.value) <= most) next(field).focus();
  });
  (form.querySelector("[aria-invalid]") ?? fields[0])?.focus();
  for (const field of fields) field.addEventListener("focus", () => field.select?.());
})();
