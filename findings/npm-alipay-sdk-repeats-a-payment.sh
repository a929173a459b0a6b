#!/usr/bin/env bash
# npm's alipay-sdk 4.14.0 sends a payment twice when the gateway closes the connection.
#
# Input: one sdk.exec('alipay.trade.pay', ...) at a server that reads the whole request and closes
#        the connection without an answer, as a gateway that is restarted does.
# Expected: one POST, and an error. Whether the payment was made is not known, and its caller has
#        to ask; nobody asked for a second one.
# Seen:  two POSTs, the same in every byte of target and body, then an error that speaks of one.
#        The HTTP client beneath, urllib, repeats once after a socket error by default, POST or
#        not, and the package does not turn that off.
#
# Exit status: 0 it is still so, 1 it is not, 2 the package cannot be had.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install alipay-sdk@4.14.0 --no-audit --no-fund --ignore-scripts >installed 2>&1 ||
    { cat installed; exit 2; }
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out app.pem 2>/dev/null
cat >pay.cjs <<'JS'
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const { AlipaySdk } = require('alipay-sdk');

const seen = [];
const whole = new Set();
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => (body += piece));
  request.on('end', () => {
    const { out_trade_no } = JSON.parse(new URLSearchParams(body).get('biz_content'));
    seen.push(`${request.method} ${out_trade_no}`);
    whole.add(`${request.url} ${body}`);
    request.socket.end();
  });
});
server.listen(0, '127.0.0.1', async () => {
  const sdk = new AlipaySdk({
    appId: '2026000000000001',
    privateKey: readFileSync('app.pem', 'ascii'),
    keyType: 'PKCS8',
    gateway: `http://127.0.0.1:${server.address().port}/gateway.do`,
  });
  const bizContent = {
    outTradeNo: 'one', scene: 'bar_code', authCode: '284612345678901234', subject: 'test',
    totalAmount: '10.25',
  };
  const error = await sdk.exec('alipay.trade.pay', { bizContent }).catch((error) => error);
  console.log('alipay-sdk', require('alipay-sdk/package.json').version, 'node', process.version);
  console.log('the caller hears:', error.message.split('\n')[0]);
  console.log('the server has seen:', seen.join(', '));
  console.log('different requests:', whole.size);
  process.exit(seen.join() === 'POST one,POST one' && whole.size === 1 ? 0 : 1);
});
JS
node pay.cjs
