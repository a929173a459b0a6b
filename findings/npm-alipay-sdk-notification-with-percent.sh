#!/usr/bin/env bash
# npm's alipay-sdk 4.14.0 takes a sound notification for a forged one if a value looks encoded.
#
# Input: the fields of a notification, decoded once as any web framework does, signed by Alipay's
#        key over exactly these values; the subject is "50%25 off".
# Expected: checkNotifySign says true: its parameter is described as the content that was posted.
# Seen:  false. It decodes each value a second time ("50% off") before it verifies.
#        checkNotifySignV2 says true, and nothing in the first one's description says to take the
#        second. A server that trusts the first one takes its payment for a forgery.
#
# Exit status: 0 it is still so, 1 it is not, 2 the package cannot be had.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install alipay-sdk@4.14.0 --no-audit --no-fund --ignore-scripts >installed 2>&1 ||
    { cat installed; exit 2; }
for pair in app alipay; do
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$pair.pem" 2>/dev/null
done
openssl pkey -in alipay.pem -pubout -out alipay.pub
cat >notify.cjs <<'JS'
const { sign } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { AlipaySdk } = require('alipay-sdk');

const sdk = new AlipaySdk({
  appId: '2026000000000001',
  privateKey: readFileSync('app.pem', 'ascii'),
  keyType: 'PKCS8',
  alipayPublicKey: readFileSync('alipay.pub', 'ascii'),
});
const notification = (subject) => {
  const fields = {
    app_id: '2026000000000001', charset: 'utf-8', out_trade_no: 'one', subject,
    total_amount: '10.25', trade_no: '2026112922001400010001', trade_status: 'TRADE_SUCCESS',
  };
  const text = Object.keys(fields).sort().map((name) => `${name}=${fields[name]}`).join('&');
  const key = readFileSync('alipay.pem', 'ascii');
  const signature = sign('sha256', Buffer.from(text), key).toString('base64');
  return { ...fields, sign: signature, sign_type: 'RSA2' };
};
const plain = sdk.checkNotifySign(notification('50 off'));
const encoded = sdk.checkNotifySign(notification('50%25 off'));
const second = sdk.checkNotifySignV2(notification('50%25 off'));
console.log('alipay-sdk', require('alipay-sdk/package.json').version, 'node', process.version);
console.log(`subject "50 off": ${plain}; "50%25 off": ${encoded}, by checkNotifySignV2: ${second}`);
process.exit(plain && !encoded && second ? 0 : 1);
JS
node notify.cjs
