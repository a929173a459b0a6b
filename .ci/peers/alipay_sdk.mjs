// npm's alipay-sdk pays, queries and cancels: by POST, and by GET with a string of its own making; with
// Alipay's key, or with certificates.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [gateway, folder, keys, mode] = process.argv.slice(2);
const { AlipaySdk } = createRequire(`${folder}/`)('alipay-sdk');
const alipay = mode === 'certificates'
  ? {
    appCertPath: `${keys}/app.crt`,
    alipayPublicCertPath: `${keys}/alipay.crt`,
    alipayRootCertPath: `${keys}/root.crt`,
  }
  : { alipayPublicKey: readFileSync(`${keys}/alipay.pub`, 'ascii') };
const sdk = new AlipaySdk({
  appId: '2026000000000001',
  privateKey: readFileSync(`${keys}/app.pem`, 'ascii'),
  keyType: 'PKCS8',
  ...alipay,
  gateway,
  timeout: 30_000,
});
const post = (method, bizContent) => sdk.exec(method, { bizContent }, { validateSign: true });

async function get(method, bizContent) {
  const answer = await fetch(`${gateway}?${sdk.sdkExecute(method, { bizContent })}`);
  const text = await answer.text();
  const node = `${method.replaceAll('.', '_')}_response`;
  const parsed = JSON.parse(text);
  // It throws where the signature is not that of the text.
  sdk.checkResponseSign(text, node, parsed.sign);
  return parsed[node];
}

const order = {
  outTradeNo: 'npm-1',
  scene: 'bar_code',
  authCode: '284612345678901234',
  subject: '测试 a+b 100%',
  totalAmount: '10.25',
  terminalParams: '{"terminalType":"IOT","signature":"a/b+c=="}',
};
// This answer is signed wrongly, and the client has to notice: so it does verify the others.
await assert.rejects(post('alipay.trade.query', { outTradeNo: 'npm-1' }), /验签失败/);

const paid = await post('alipay.trade.pay', order);
assert.deepEqual([paid.code, paid.outTradeNo, paid.totalAmount], ['10000', 'npm-1', '10.25']);
const found = await get('alipay.trade.query', { out_trade_no: 'npm-1' });
assert.deepEqual([found.trade_status, found.trade_no], ['TRADE_SUCCESS', paid.tradeNo]);
const cancelled = await post('alipay.trade.cancel', { outTradeNo: 'npm-1' });
assert.deepEqual([cancelled.code, cancelled.action], ['10000', 'refund']);
const again = await get('alipay.trade.query', { out_trade_no: 'npm-1' });
assert.equal(again.trade_status, 'TRADE_CLOSED');
const second = await get('alipay.trade.pay', {
  out_trade_no: 'npm-2',
  scene: 'bar_code',
  auth_code: '284612345678901235',
  subject: '第二个 * ~',
  total_amount: '0.01',
});
assert.equal(second.code, '10000');
const refused = await post('alipay.trade.pay', { ...order, outTradeNo: 'npm-3' });
assert.deepEqual([refused.code, refused.subCode], ['40004', 'ACQ.PAYMENT_AUTH_CODE_INVALID']);
