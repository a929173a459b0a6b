// A stand-in for https://open.95516.com/s/open/js/upsdk.js, which works inside UnionPay's app alone.
// It tells the server what it was given. With `refuse=once` in the page's address it refuses the
// first configuration as the app does whose front token is not good any more.
'use strict';

const upsdk = (() => {
    let outcome;
    let refuses = location.search.includes('refuse=once');

    async function check(config) {
        await fetch('/given', { method: 'POST', body: JSON.stringify(config) });
        if (refuses) {
            refuses = false;
            throw { code: 'a20', msg: 'the front token is not good' };
        }
        const forms = {
            appId: /^[0-9A-Za-z]+$/,
            timestamp: /^[0-9]{10}$/,
            nonceStr: /^[0-9A-Za-z]{16}$/,
            signature: /^[0-9a-f]{64}$/,
        };
        for (const [name, form] of Object.entries(forms)) {
            if (!form.test(config[name])) {
                throw { code: 'stand-in', msg: name + ' is not as it should be' };
            }
        }
    }

    return {
        config(config) {
            outcome = check(config);
        },
        ready(callback) {
            outcome.then(callback, () => {});
        },
        error(callback) {
            outcome.then(() => {}, callback);
        },
    };
})();
