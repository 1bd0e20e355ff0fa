// Sends the table, or an image that it has a link to, to TOPCAT, Aladin or DS9 by SAMP's web profile
// (SAMP 1.3 §5): the hub that one of them runs listens at a fixed port of the reader's own machine, asks the
// reader whether this page may, and takes XML-RPC. Nothing is asked of it before a button is pressed.
"use strict";
(() => {
  const hub = "http://localhost:21012/";
  let key = null;

  const value = (thing) =>
    typeof thing === "string"
      ? `<value><string>${thing.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</string></value>`
      : `<value><struct>${Object.entries(thing)
          .map(([name, one]) => `<member><name>${name}</name>${value(one)}</member>`)
          .join("")}</struct></value>`;

  async function call(method, ...parameters) {
    const words = parameters.map((one) => `<param>${value(one)}</param>`).join("");
    const body = `<?xml version="1.0"?><methodCall><methodName>samp.webhub.${method}</methodName><params>${words}</params></methodCall>`;
    const answer = await fetch(hub, { method: "POST", headers: { "Content-Type": "text/xml" }, body });
    const document = new DOMParser().parseFromString(await answer.text(), "text/xml");
    if (document.querySelector("fault")) throw new Error(document.querySelector("fault").textContent.trim());
    return document;
  }

  function member(document, wanted) {
    const found = [...document.querySelectorAll("member")].find(
      (one) => one.querySelector("name").textContent === wanted,
    );
    return found.querySelector("value").textContent.trim();
  }

  async function send(kind, parameters, said) {
    try {
      said.textContent = "Asking the hub: it may want you to say yes.";
      key ??= member(await call("register", { "samp.name": document.title }), "samp.private-key");
      const taken = await call("notifyAll", key, { "samp.mtype": kind, "samp.params": parameters });
      const count = taken.querySelectorAll("data > value").length;
      said.textContent = count ? `Sent to ${count} ${count === 1 ? "program" : "programs"}.` : "No program takes that.";
    } catch (error) {
      key = null;
      said.textContent = `Not sent: ${error.message}. Is TOPCAT or Aladin running here?`;
    }
  }

  function button(words, title, action) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.title = title;
    made.addEventListener("click", action);
    return made;
  }

  addEventListener("DOMContentLoaded", () => {
    const bar = document.getElementById("samp");
    const said = document.createElement("output");
    const query = new URL(location.href);
    const format = [...query.searchParams.keys()].filter((name) => /^(response)?format$/i.test(name));
    if (format.length && query.protocol.startsWith("http")) {
      format.forEach((name) => query.searchParams.delete(name));
      query.searchParams.set("RESPONSEFORMAT", "votable");
      const table = { url: query.href, name: document.title, "table-id": query.href };
      bar.append(
        button("Send the table to TOPCAT, Aladin …", "By SAMP, to the programs that run on this machine", () =>
          send("table.load.votable", table, said),
        ),
      );
    }
    bar.append(" ", said);
    for (const link of document.querySelectorAll('td a[href*=".fits"]')) {
      const name = decodeURIComponent(link.href.split("/").pop());
      link.after(
        " ",
        button("Send", "By SAMP, to DS9, Aladin …", () => send("image.load.fits", { url: link.href, name }, said)),
      );
    }
  });
  addEventListener("pagehide", () => key && call("unregister", key).catch(() => {}));
})();
