#!/usr/bin/env bash
# npm's alipay-sdk 4.14.0 signs parameters that are empty, which Alipay's rule leaves out.
#
# Input: a call with notifyUrl: '', which means "no notification".
# Expected: Alipay's rule for signing takes the parameters that are not empty (the official Java
#        SDK: AlipaySignature.getSignContent, areNotEmpty), so the text to sign has no notify_url.
# Seen:  the text that was signed has "notify_url=" in it. A gateway that follows the rule refuses
#        the request with isv.invalid-signature, which speaks of keys and not of the parameter.
#
# Exit status: 0 it is still so, 1 it is not, 2 the package cannot be had.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install alipay-sdk@4.14.0 --no-audit --no-fund --ignore-scripts >installed 2>&1 ||
    { cat installed; exit 2; }
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out app.pem 2>/dev/null
cat >sign.cjs <<'JS'
const { createPublicKey, verify } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { AlipaySdk } = require('alipay-sdk');

const privateKey = readFileSync('app.pem', 'ascii');
const sdk = new AlipaySdk({ appId: '2026000000000001', privateKey, keyType: 'PKCS8' });
const sent = new URLSearchParams(
  sdk.sdkExecute('alipay.trade.query', { notifyUrl: '', bizContent: { out_trade_no: 'one' } }),
);
const sign = Buffer.from(sent.get('sign'), 'base64');
const verifies = (keep) => {
  const pairs = [...sent].filter(([name, value]) => name !== 'sign' && keep(value)).sort();
  const text = pairs.map(([name, value]) => `${name}=${value}`).join('&');
  return verify('sha256', Buffer.from(text), createPublicKey(privateKey), sign);
};
const [byRule, withEmpty] = [verifies((value) => value !== ''), verifies(() => true)];
console.log('alipay-sdk', require('alipay-sdk/package.json').version, 'node', process.version);
console.log('verifies without empty parameters:', byRule, ' with them:', withEmpty);
process.exit(!byRule && withEmpty ? 0 : 1);
JS
node sign.cjs
