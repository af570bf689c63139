// Warns before the session ends, and keeps it if somebody is there. The server decides; this only
// counts beside it: the time since the last request, and the time that any session may last.
"use strict";

(() => {
  const box = document.getElementById("session-end");
  const WARNING = 120;
  const start = Date.now();
  let seen = start;

  const show = (name) => {
    box.hidden = !name;
    for (const part of box.querySelectorAll("[data-when]")) {
      part.hidden = part.dataset.when !== name;
    }
  };

  const look = () => {
    const idle = Number(box.dataset.idle) - (Date.now() - seen) / 1000;
    const last = Number(box.dataset.last) - (Date.now() - start) / 1000;
    if (Math.min(idle, last) <= 0) {
      show("over");
      return;
    }
    show(last <= WARNING ? "last" : idle <= WARNING ? "soon" : "");
    setTimeout(look, 1000);
  };

  box.querySelector("button").addEventListener("click", async () => {
    const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" });
    // A redirect leads to the sign-in page: it is over.
    seen = answer.type === "opaqueredirect" ? 0 : Date.now();
    look();
  });

  look();
})();
