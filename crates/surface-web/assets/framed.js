// A window of ours hands its session over to a frame of ours. Both are this very origin: nobody else is told, and nobody else is
// heard.
"use strict";

const enter = document.getElementById("enter");
if (enter) {
  addEventListener("message", ({ origin, data }) => {
    if (origin !== location.origin || typeof data?.passerelle !== "string") return;
    enter.elements.code.value = data.passerelle;
    enter.submit();
  });
}

const handed = document.getElementById("handed");
if (handed && opener) {
  opener.postMessage({ passerelle: handed.dataset.code }, location.origin);
  close();
}
