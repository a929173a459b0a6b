// Notifications made by the signing code of npm's alipay-sdk, with the key that Alipay would have: the
// tool verifies each, and nothing that was changed.
import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [folder, keys, tool] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { AlipaySdk } = require('alipay-sdk');
// It signs any parameters, with sign_type and with empty ones; that is how requests are signed.
const { sign } = require(`${folder}/node_modules/alipay-sdk/dist/commonjs/util.js`);
const privateKey = readFileSync(`${keys}/alipay.pem`, 'ascii');
const sdk = new AlipaySdk({
  appId: '2026000000000001',
  privateKey: readFileSync(`${keys}/app.pem`, 'ascii'),
  keyType: 'PKCS8',
  alipayPublicKey: readFileSync(`${keys}/alipay.pub`, 'ascii'),
});
const config = { appId: '2026000000000001', charset: 'utf-8', version: '1.0', signType: 'RSA2', privateKey };
const trade = {
  notify_type: 'trade_status_sync', notify_time: '2026-11-29 21:00:06', out_trade_no: 'npm-1',
  trade_no: '2026112922001400010001', trade_status: 'TRADE_SUCCESS', total_amount: '10.25',
  seller_id: '2088000000000001', fund_bill_list: '[{"amount":"10.25","fundChannel":"ALIPAYACCOUNT"}]',
};

function check(fields, more = []) {
  const run = spawnSync(tool, [
    '--json', '--alipay-key', `${keys}/alipay.pub`, '--app-id', config.appId, 'check-notify', '-',
    '--content-type', 'application/x-www-form-urlencoded; charset=utf-8', '--amount', '10.25',
    '--out-trade-no', 'npm-1', ...more,
  ], { input: new URLSearchParams(fields).toString(), encoding: 'utf8' });
  return [run.status, JSON.parse(run.stdout)];
}

/** As notifications of trades are signed: without sign_type. */
function withoutSignType(fields) {
  const text = Object.keys(fields).sort().map((name) => `${name}=${fields[name]}`).join('&');
  const signature = createSign('RSA-SHA256').update(text, 'utf8').sign(privateKey, 'base64');
  return { ...fields, sign_type: 'RSA2', sign: signature };
}

const verified = { verified: true, event: 'paid', trade_status: 'TRADE_SUCCESS' };
for (const subject of ['lunch', '测试 午餐', '50%25 off', 'a+b 100% c', 'x&y=z', '"\\/"', '😀']) {
  for (const body of [undefined, '', 'tea']) {
    const fields = { ...trade, subject, ...(body === undefined ? {} : { body }) };
    for (const signed of [
      sign('alipay.trade.app.pay', fields, config),
      withoutSignType({ app_id: config.appId, charset: 'utf-8', ...fields }),
    ]) {
      assert(sdk.checkNotifySignV2(signed), subject);
      const [status, said] = check(signed);
      assert.deepEqual([status, said.result], [0, verified], `${subject} ${JSON.stringify(said)}`);
      const changed = { ...signed, trade_status: 'TRADE_FINISHED' };
      assert(!sdk.checkNotifySignV2(changed));
      const [refused, error] = check(changed);
      assert.deepEqual([refused, error.error.kind], [10, 'rejected']);
    }
  }
}
