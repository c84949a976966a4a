// A person with a keyboard, and one with a phone: preferences.js BASE_URL USERNAME PASSWORD, captured mails in the folder UNDERSTUDY_OUTBOX.
// Subscribes an address to three lists by the API, asks for its links as somebody with an old link would, follows the one in the mail in a headless
// browser, and leaves lists by keyboard alone, without scripts and on a small screen (ML-7.5). Without Chromium (CHROMIUM names another program) the
// browser's part is left out, and said so.
"use strict";

const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const [base, username, password] = process.argv.slice(2);
const outbox = process.env.UNDERSTUDY_OUTBOX || "data/outbox";
let passed = 0;
let failed = 0;

function same(what, expected, actual) {
  if (JSON.stringify(expected) === JSON.stringify(actual)) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAILED ${what}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(actual)}`);
  }
}

function found() {
  for (const name of [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"].filter(Boolean)) {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return name;
    } catch {
      // The next one.
    }
  }
  return null;
}

async function api(params) {
  const answer = await fetch(`${base}/api.php`, { method: "POST", body: new URLSearchParams({ ResponseFormat: "JSON", ...params }) });
  return answer.json();
}

/** Asks until there is an answer, for ten seconds. */
async function until(what, ask) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const got = await ask();
    if (got) {
      return got;
    }
    if (Date.now() > deadline) {
      throw new Error(`no ${what} within ten seconds`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The preference page's address in the newest mail to somebody. */
function mailed(email) {
  if (!fs.existsSync(outbox)) {
    return null;
  }
  const names = fs.readdirSync(outbox).filter((name) => name.endsWith(`-${email}.eml`));
  for (const name of names) {
    const text = fs.readFileSync(path.join(outbox, name), "utf8").replace(/=\r\n/g, "").replace(/=3D/g, "=");
    const link = /https?:\/\/\S+\/t\/p\/[\w-]+/.exec(text);
    if (link) {
      return new URL(link[0]).pathname;
    }
  }
  return null;
}

/** A headless browser, spoken to over a pipe. */
class Browser {
  constructor(program) {
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), "preferences-"));
    const flags = ["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${this.profile}`];
    this.process = spawn(program, [...flags, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.waiting = new Map();
    this.next = 1;
    let held = "";
    this.process.stdio[4].setEncoding("utf8");
    this.process.stdio[4].on("data", (data) => {
      const parts = (held + data).split("\0");
      held = parts.pop();
      parts.forEach((part) => this.hear(JSON.parse(part)));
    });
  }

  hear(message) {
    const waiting = this.waiting.get(message.id);
    if (waiting) {
      this.waiting.delete(message.id);
      if (message.error) {
        waiting.reject(new Error(message.error.message));
      } else {
        waiting.resolve(message.result);
      }
    }
  }

  say(method, params = {}) {
    const id = this.next++;
    const message = { id, method, params };
    if (this.session && !method.startsWith("Target.")) {
      message.sessionId = this.session;
    }
    this.process.stdio[3].write(`${JSON.stringify(message)}\0`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} was not answered`)), 20_000);
      this.waiting.set(id, { resolve: (result) => { clearTimeout(timer); resolve(result); }, reject });
    });
  }

  async open(url) {
    if (!this.session) {
      const { targetId } = await this.say("Target.createTarget", { url: "about:blank" });
      this.session = (await this.say("Target.attachToTarget", { targetId, flatten: true })).sessionId;
      await this.say("Page.enable");
      // The page's own scripts would not run; what we ask by Runtime still does.
      await this.say("Emulation.setScriptExecutionDisabled", { value: true });
    }
    await this.say("Page.navigate", { url });
    await this.shows("Your subscriptions");
  }

  async ask(expression) {
    const { result, exceptionDetails } = await this.say("Runtime.evaluate", { expression, returnByValue: true });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.text);
    }
    return result.value;
  }

  shows(text) {
    const expression = `document.readyState === "complete" && document.body.innerText.includes(${JSON.stringify(text)})`;
    return until(`page with “${text}”`, () => this.ask(expression).catch(() => false));
  }

  async press(key, code, text) {
    const params = { key, code: key === " " ? "Space" : key, windowsVirtualKeyCode: code };
    await this.say("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", ...params, ...(text ? { text } : {}) });
    await this.say("Input.dispatchKeyEvent", { type: "keyUp", ...params });
  }

  /** The labels or texts of what Tab reaches, in its order, each shown as focused. */
  async tabs(n) {
    const reached = [];
    for (let i = 0; i < n; i += 1) {
      await this.press("Tab", 9);
      reached.push(await this.ask(`(() => { const e = document.activeElement; const s = getComputedStyle(e);
        return [(e.labels && e.labels.length ? e.labels[0] : e).innerText.trim(), e.matches(":focus-visible") && parseFloat(s.outlineWidth) >= 2]; })()`));
    }
    return reached;
  }

  end() {
    return new Promise((resolve) => {
      this.process.once("exit", () => {
        fs.rmSync(this.profile, { recursive: true, force: true });
        resolve();
      });
      this.say("Browser.close").catch(() => this.process.kill());
    });
  }
}

async function stage() {
  const { SessionID: session } = await api({ Command: "User.Login", Username: username, Password: password });
  const email = `keyboard-${Date.now()}@example.com`;
  const lists = [];
  for (const name of ["Morning news", "Evening news", "Offers"]) {
    const made = await api({ Command: "List.Create", SessionID: session, SubscriberListName: name });
    lists.push(made.ListID);
    await api({ Command: "Subscriber.Subscribe", ListID: made.ListID, EmailAddress: email, IPAddress: "192.0.2.1" });
  }
  const standing = async () => {
    const all = [];
    for (const list of lists) {
      const got = await api({ Command: "Subscriber.Get", SessionID: session, ListID: list, EmailAddress: email });
      all.push(got.SubscriberInformation && got.SubscriberInformation.SubscriptionStatus);
    }
    return all;
  };
  return { email, standing };
}

async function main() {
  const { email, standing } = await stage();
  const lost = await fetch(`${base}/t/p/an-old-link`, { method: "POST", body: new URLSearchParams({ address: email }) });
  same("an old link still answers", 200, lost.status);
  const link = await until("mail with links", () => mailed(email));
  const page = await fetch(`${base}${link}`);
  same("the page needs no script", [200, false], [page.status, (await page.text()).includes("<script")]);
  same("looking changes nothing", ["Subscribed", "Subscribed", "Subscribed"], await standing());
  const program = found();
  if (!program) {
    console.log("no Chromium on this machine: the browser's part is left out");
    return;
  }
  const browser = new Browser(program);
  try {
    await browser.open(`${base}${link}`);
    same("the browser changes nothing by looking", ["Subscribed", "Subscribed", "Subscribed"], await standing());
    same("the page says its language", "en", await browser.ask("document.documentElement.lang"));
    same("Tab reaches everything, labelled and outlined", [
      ["Morning news", true], ["Evening news", true], ["Offers", true], ["Save", true], ["Unsubscribe from all", true],
    ], await browser.tabs(5));

    await browser.open(`${base}${link}`);
    await browser.tabs(2);
    await browser.press(" ", 32, " ");
    await browser.tabs(2);
    await browser.press("Enter", 13, "\r");
    await browser.shows("One subscription has ended");
    same("the unticked list was left", ["Subscribed", "Unsubscribed", "Subscribed"], await standing());

    await browser.say("Emulation.setDeviceMetricsOverride", { width: 320, height: 568, deviceScaleFactor: 2, mobile: true });
    await browser.open(`${base}${link}`);
    same("nothing is wider than a small phone", true, await browser.ask("document.documentElement.scrollWidth <= 320"));
    const sizes = await browser.ask("[...document.querySelectorAll('label.choice, button')].map((e) => Math.round(e.getBoundingClientRect().height))");
    same("everything is as high as a finger", true, sizes.length === 4 && sizes.every((height) => height >= 44));
    same("text is not small", true, await browser.ask("parseFloat(getComputedStyle(document.body).fontSize) >= 16"));
    await browser.tabs(4);
    await browser.press("Enter", 13, "\r");
    await browser.shows("is on no list any more");
    same("all were left", ["Unsubscribed", "Unsubscribed", "Unsubscribed"], await standing());
  } finally {
    await browser.end();
  }
}

main().catch((error) => {
  failed += 1;
  console.log(`FAILED ${error.stack}`);
}).finally(() => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
});
