// Function keys press the buttons that name them. A scanner types into the field that has the focus, and Enter asks.
addEventListener("keydown", (event) => {
  const button = [...document.querySelectorAll("button[data-key]")].find((one) => one.dataset.key && one.dataset.key == event.key);
  if (!button) return;
  event.preventDefault();
  button.click();
});
// A second press of the same button would only be told that the slip is out already.
let sent = false;
addEventListener("submit", (event) => { if (sent) event.preventDefault(); sent = true; });
addEventListener("pageshow", () => { sent = false; });
