// Shows how far long work is, and opens the page again when it is done.
"use strict";

const bar = document.getElementById("progress");

async function look() {
  try {
    const answer = await fetch(bar.dataset.address, { headers: { Accept: "application/json" } });
    const { running, done, rows } = await answer.json();
    if (!running) {
      location.reload();
      return;
    }
    bar.max = rows || 1;
    bar.value = done;
    bar.textContent = `${done} / ${rows}`;
  } catch {
    // The server may be away for a moment; the next look tells.
  }
  setTimeout(look, 1000);
}

setTimeout(look, 1000);
