/* The npm package `strong-soap`, found by NODE_PATH. */
'use strict';

const { soap } = require('strong-soap');
const checks = require('../_checks.js');

function connect(url, query) {
    const options = query === '?wsdl=12' ? { forceSoap12Headers: true } : {};
    return new Promise((resolve, reject) => {
        soap.createClient(url, options, (refused, client) => (refused ? reject(refused) : resolve(caller(client))));
    });
}

function caller(client) {
    return {
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

checks.run('strong-soap', connect, [['rpc', '?wsdl'], ['doc', '?wsdl=doc'], ['safe', '?wsdl=safe'], ['12', '?wsdl=12']]);
