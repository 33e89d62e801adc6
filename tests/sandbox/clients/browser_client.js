// Without batches, so that an answer is that of the server.
const direct = mixpanel.init(
  mixpanel.get_config("token"),
  { api_host: mixpanel.get_config("api_host"), batch_requests: false, verbose: true },
  "direct",
);
const answers = [];
const call = (target, name, ...args) =>
  new Promise((done) => target[name](...args, (answer) => done(answers.push(answer))));
const properties = { note: "?~> é + & =" };

await call(direct, "track", "Web", properties);
const anonymous = direct.get_distinct_id();
direct.identify("web-ada");
await call(direct.people, "set", { ...properties, n: 1 });
await call(direct.people, "increment", "n", 2);
await call(direct.people, "union", { tags: ["a", "b"] });
await call(direct.get_group("company", "Web Ltd"), "set", { seats: 3 });
await call(direct, "track", "Web", properties);
const flag = await mixpanel.flags.get_variant("new-checkout", { key: null });

// What a closed page has not sent yet goes out as a beacon.
const beacons = [];
const sendBeacon = navigator.sendBeacon.bind(navigator);
navigator.sendBeacon = (...args) => beacons.push(args) && sendBeacon(...args);
mixpanel.identify("web-ada");
await new Promise((done) => mixpanel.track("Web", properties, done));
const closing = Object.assign(new window.Event("pagehide"), { persisted: true });
while (beacons.length === 0) {
  window.dispatchEvent(closing);
  await new Promise(setImmediate);
}
await window.happyDOM.waitUntilComplete();
console.log(JSON.stringify({ answers, anonymous, flag: flag.key, beacons: beacons.length }));
process.exit(0);
