// The globals of a web page of this machine, for the client that follows.
const { Window } = require("happy-dom");

const window = new Window({ url: "http://localhost:3000/shop?utm_source=mail" });
for (const name of ["document", "navigator", "location", "screen", "localStorage", "XMLHttpRequest"])
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
globalThis.window = window;
