/* The npm package `soap`, found by NODE_PATH. */
'use strict';

const soap = require('soap');
const checks = require('../_checks.js');

async function connect(url, query) {
    const client = await soap.createClientAsync(url, query === '?wsdl=12' ? { forceSoap12Headers: true } : {});
    return {
        // Its promises are made for names without dots alone.
        call: (operation, request) => new Promise((resolve, reject) => {
            client[operation]({ Request: request }, (error, result) => (error ? reject(error) : resolve(result.return)));
        }),
        fault: (error) => {
            const fault = error.root?.Envelope?.Body?.Fault ?? {};
            const text = fault.faultstring ?? fault.Reason?.Text;
            return { code: String(fault.faultcode ?? fault.Code?.Value), text: text?.$value ?? text };
        },
    };
}

checks.run('node-soap', connect, [['rpc', '?wsdl'], ['doc', '?wsdl=doc'], ['safe', '?wsdl=safe'], ['12', '?wsdl=12']]);
