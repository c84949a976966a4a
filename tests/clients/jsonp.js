// A script on a customer's page: jsonp.js BASE_URL USERNAME PASSWORD API_KEY. The answer to a call with a callback runs as JavaScript (OE-14.16).
"use strict";

const [base, username, password, apiKey] = process.argv.slice(2);
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

async function text(params) {
  const answer = await fetch(`${base}/api.php?${new URLSearchParams(params)}`);
  return [answer.status, answer.headers.get("content-type"), await answer.text()];
}

async function main() {
  const [status, type, script] = await text({ Command: "Lists.Get", APIKey: apiKey, callback: "page.got" });
  same("status", 200, status);
  same("it is a script", true, /javascript/.test(type));
  let got = null;
  new Function("page", script)({ got: (answer) => { got = answer; } });
  same("the callback got the answer", [true, 0, 1, ["Club"]], [got.Success, got.ErrorCode, got.TotalListCount, got.Lists.map((list) => list.Name)]);

  const [, , plain] = await text({ Command: "Lists.Get", APIKey: apiKey, JSONPCallBack: "true" });
  same("JSONPCallBack=true is plain JSON", true, JSON.parse(plain).Success);
  const [, , refused] = await text({ Command: "Lists.Get", APIKey: apiKey, callback: "alert(1);x" });
  same("a callback that is no name is not written", false, refused.includes("alert(1)"));

  const form = new FormData();
  form.append("Command", "User.Login");
  form.append("Username", username);
  form.append("Password", password);
  const login = await (await fetch(`${base}/api.php`, { method: "POST", body: form })).json();
  same("a multipart login by fetch", [true, username], [login.Success, login.UserInfo && login.UserInfo.Username]);
}

main()
  .catch((error) => {
    failed += 1;
    console.log(`FAILED ${error.stack}`);
  })
  .finally(() => {
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  });
