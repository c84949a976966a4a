/*
 * What every SOAP client of Node must manage; the other languages check the same five things.
 *
 * A client hands over, for each flavour of the WSDL, `connect(url, query)`: it answers a caller whose `call(operation, request)`
 * answers the result's members, and whose `fault(error)` answers `{ code, text }`.
 */
'use strict';

const CITY = 'Montréal & Île <Łódź> ☺';
const OPERATIONS = { create: ['USER.CREATE', 'UserCreate'], get: ['USER.GET', 'UserGet'] };

/** Runs `SCRIPT BASE_URL ID_PROJECT ID_KEY KEY`: a line `row FLAVOUR PASSED FAILED` for each flavour, then the sum. */
exports.run = async (client, connect, flavours) => {
    const [base, idProject, idKey, Key] = process.argv.slice(2);
    let nPassed = 0;
    let nFailed = 0;
    for (const [flavour, query] of flavours) {
        const checks = new Checks(`${client} ${flavour}`);
        try {
            const caller = await connect(`${base}/webservices/soap${query}`, query);
            await check(checks, caller, `${client}.${flavour}`, query, Number(idProject), { idKey: Number(idKey), Key });
        } catch (error) {
            checks.same('runs to its end', 'its end', String(error.stack));
        }
        console.log(`row ${flavour} ${checks.nPassed} ${checks.nFailed}`);
        nPassed += checks.nPassed;
        nFailed += checks.nFailed;
    }
    console.log(`${nPassed} passed, ${nFailed} failed`);
    process.exit(nFailed ? 1 : 0);
};

async function check(checks, caller, name, query, idProject, AuthKey) {
    const call = (operation, request) => caller.call(OPERATIONS[operation][query === '?wsdl=safe' ? 1 : 0], request);
    const address = `${name}.${Date.now()}.${process.pid}@example.com`;
    const created = await call('create', { AuthKey, idProject, Fields: { f_EMail: address, f_City: CITY } });
    checks.same('created', ['true', 'true'], [String(created.Success), String(created.isActive)]);
    const got = await call('get', { AuthKey, idProject, idContact: created.idContact });
    const values = Object.fromEntries([].concat(got.Fields?.item ?? []).map((item) => [item.Name, item.Value]));
    checks.same('what was stored', CITY, values.f_City);
    checks.same('its address', address, values.f_EMail);
    const wrong = await call('get', { AuthKey: { idKey: AuthKey.idKey, Key: 'x'.repeat(32) }, idProject, idContact: created.idContact });
    checks.same('a wrong key', ['false', 'AuthenticationFailed'], [String(wrong.Success), wrong.ErrorCode]);
    const fault = await call('create', { AuthKey, idProject, Fields: 'unnamed' }).then(
        (result) => ({ code: 'none', text: JSON.stringify(result) }),
        (error) => caller.fault(error),
    );
    checks.same('a fault', [true, 'Fields must hold named values'], [/:(Client|Sender)$/.test(fault.code), fault.text]);
}

class Checks {
    constructor(name) {
        this.name = name;
        this.nPassed = 0;
        this.nFailed = 0;
    }

    same(what, expected, actual) {
        if (JSON.stringify(expected) === JSON.stringify(actual)) {
            this.nPassed += 1;
            return;
        }
        this.nFailed += 1;
        console.log(`FAILED ${this.name}: ${what}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(actual)}`);
    }
}
