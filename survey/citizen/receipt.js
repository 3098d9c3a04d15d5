// Draws the receipt as a picture that stays on this device: nothing is sent, nothing is kept but what the person saves.
(() => {
  const place = document.getElementById("picture");
  if (!place) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second";
  button.textContent = place.dataset.words;
  const wrapped = (pen, text, width) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = (lines.at(-1) + " " + word).trim();
      if (pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  };
  button.onclick = () => {
    const canvas = document.createElement("canvas");
    canvas.width = 1080;
    canvas.height = 720;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 1080, 720);
    pen.strokeStyle = "#0a5a55";
    pen.lineWidth = 8;
    pen.strokeRect(30, 30, 1020, 660);
    pen.fillStyle = "#1b2422";
    pen.textAlign = "center";
    const [title, words, code] = place.dataset.lines.split("\n");
    pen.font = "40px sans-serif";
    wrapped(pen, title, 920).slice(0, 4).forEach((line, at) => pen.fillText(line, 540, 140 + at * 56));
    pen.fillText(words, 540, 440);
    pen.font = "bold 72px monospace";
    pen.fillText(code, 540, 550, 960);
    pen.font = "34px sans-serif";
    pen.fillText(location.host + "/check", 540, 640);
    const link = document.createElement("a");
    link.download = "bien-nhan.png";
    link.href = canvas.toDataURL("image/png");
    const picture = document.createElement("img");
    picture.src = link.href;
    picture.alt = `${words} ${code}`;
    picture.className = "picture";
    link.append(picture);
    const hint = document.createElement("p");
    hint.textContent = place.dataset.hint;
    place.replaceChildren(hint, link);
    link.focus();
  };
  place.append(button);
})();
