const errors = [];
const call = (target, name, ...args) =>
  new Promise((done) =>
    target[name](...args, (error) => done(error && errors.push(`${name}: ${error}`))),
  );
const note = "?~> é + & =";
const days = (count) => new Date(Date.now() - count * 86400e3);
const event = (distinct_id, time) => ({ event: "Node", properties: { distinct_id, note, ...time } });
const { people, groups } = mixpanel;

await call(mixpanel, "track", "Node", { distinct_id: "node-ada", note });
await call(mixpanel, "track_batch", [event("node-ada"), event("node-alias")]);
await call(mixpanel, "import", "Node", days(30), { distinct_id: "node-ada", note });
await call(mixpanel, "import_batch", [
  event("node-ada", { time: days(31) }),
  event("node-ada", { time: days(31) }),
]);
await call(mixpanel, "alias", "node-ada", "node-alias");
mixpanel.set_config({ verbose: true });
await call(people, "set", "node-ada", { note, n: 1, gone: 1 });
await call(people, "set_once", "node-ada", { n: 2, once: true });
await call(people, "increment", "node-ada", "n", 5);
await call(people, "append", "node-ada", { tags: "a" });
await call(people, "union", "node-ada", { tags: ["a", "b"] });
await call(people, "remove", "node-ada", { tags: "a" });
await call(people, "unset", "node-ada", "gone");
await call(people, "track_charge", "node-ada", 50);
await call(people, "set", "node-bob", { note });
await call(people, "delete_user", "node-bob");
await call(groups, "set", "company", "Node Ltd", { note, gone: 1 });
await call(groups, "set_once", "company", "Node Ltd", { note: "other", once: true });
await call(groups, "union", "company", "Node Ltd", { tags: ["a", "b"] });
await call(groups, "remove", "company", "Node Ltd", { tags: "a" });
await call(groups, "unset", "company", "Node Ltd", "gone");
await call(groups, "set", "company", "Node Inc", { note });
await call(groups, "delete_group", "company", "Node Inc");

const { local_flags: local, remote_flags: remote } = mixpanel;
const flags = [];
for (let number = 0; number < 20; number++) {
  const user = { distinct_id: `node-${number}` };
  const [one, other] = [local.getAllVariants(user), await remote.getAllVariants(user)];
  flags.push([one["new-checkout"].variant_key, other["new-checkout"].variant_key]);
}
const refusal = await new Promise((done) => mixpanel.track("", {}, (error) => done(error.message)));
console.log(JSON.stringify({ errors, flags, refusal }));
process.exit(0);
