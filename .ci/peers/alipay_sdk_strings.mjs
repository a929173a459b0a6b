// npm's alipay-sdk makes the same order strings as the tool, with a key and with certificates, and has
// the same three numbers for the certificates.
import assert from 'node:assert';
import { execFile } from 'node:child_process';
import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const [tool, folder, keys] = process.argv.slice(2);
const { AlipaySdk } = createRequire(`${folder}/`)('alipay-sdk');
const APP = '2026000000000001';
const own = {
  appId: APP,
  privateKey: readFileSync(`${keys}/app.pem`, 'ascii'),
  keyType: 'PKCS8',
};
const byKey = new AlipaySdk({
  ...own,
  alipayPublicKey: readFileSync(`${keys}/alipay.pub`, 'ascii'),
});
const byCertificate = new AlipaySdk({
  ...own,
  appCertPath: `${keys}/app.crt`,
  alipayPublicCertPath: `${keys}/alipay.crt`,
  alipayRootCertPath: `${keys}/root.crt`,
});
const certificates = ['--app-cert', `${keys}/app.crt`, '--alipay-cert', `${keys}/alipay.crt`,
  '--root-cert', `${keys}/root.crt`];

// What the tool prints, whatever its exit status is.
async function pay(...words) {
  const common = ['--json', '--app-id', APP, '--key', `${keys}/app.pem`];
  const ran = await promisify(execFile)(tool, [...common, ...words]).catch((error) => error);
  return { status: ran.code ?? 0, ...JSON.parse(ran.stdout) };
}

// The parameters of a string, decoded.
const map = (string) => Object.fromEntries(new URLSearchParams(string.replaceAll('+', '%2B')));

async function agree(sdk, more, order) {
  const theirs = map(sdk.sdkExecute('alipay.trade.app.pay', order));
  const { bizContent: biz, notifyUrl } = order;
  const words = ['order-string', '--out-trade-no', biz.out_trade_no, '--amount', biz.total_amount,
    '--subject', biz.subject, '--at', theirs.timestamp];
  for (const [option, value] of [['--body', biz.body], ['--seller-id', biz.seller_id],
    ['--timeout-express', biz.timeout_express], ['--notify-url', notifyUrl]]) {
    if (value) words.push(option, value);
  }
  const made = await pay(...more, ...words);
  assert.equal(made.status, 0, JSON.stringify(made));
  const string = made.result.order_string;
  assert.ok(!/[ +]/.test(string), string);
  // The signature too: RSA signs one text in one way.
  assert.deepEqual(map(string), theirs);
}

const product_code = 'QUICK_MSECURITY_PAY';
const plain = { out_trade_no: 'npm-1', total_amount: '9.00', subject: '大乐透', product_code };
const whole = {
  out_trade_no: 'npm-2',
  total_amount: '100000000.00',
  subject: 'a+b 100% %2B "x" \\ 😀 ~*!\'()',
  body: 'a/b=c&d 50%25\u2028版—',
  seller_id: '2088102147948060',
  timeout_express: '90m',
  product_code,
};
for (const [sdk, more] of [[byKey, []], [byCertificate, certificates]]) {
  await agree(sdk, more, { format: 'json', bizContent: plain });
  const notifyUrl = 'https://pay.example/notify?a=1&b=2';
  await agree(sdk, more, { format: 'json', notifyUrl, bizContent: whole });
}

// A gateway that names this certificate of Alipay's, or none.
async function ask(number) {
  let seen;
  const server = createServer((request, response) => {
    seen = new URL(request.url, 'http://localhost').searchParams;
    const node = '{"code":"10000","out_trade_no":"A1","trade_no":"1","trade_status":"TRADE_SUCCESS"}';
    const alipay = readFileSync(`${keys}/alipay.pem`, 'ascii');
    const sign = createSign('RSA-SHA256').update(node).sign(alipay, 'base64');
    const named = number ? `"alipay_cert_sn":"${number}",` : '';
    response.end(`{"alipay_trade_query_response":${node},${named}"sign":"${sign}"}`);
  });
  await new Promise((ready) => { server.listen(0, '127.0.0.1', ready); });
  const gateway = `http://127.0.0.1:${server.address().port}/gateway.do`;
  const said = await pay('--gateway', gateway, ...certificates, 'query', '--out-trade-no', 'A1');
  server.close();
  return { seen, said };
}

const { appCertSn, alipayRootCertSn, alipayCertSn } = byCertificate.config;
const { seen, said } = await ask(alipayCertSn);
assert.equal(said.status, 0, JSON.stringify(said));
assert.equal(seen.get('app_cert_sn'), appCertSn);
assert.equal(seen.get('alipay_root_cert_sn'), alipayRootCertSn);
assert.match(alipayRootCertSn, /^[0-9a-f]{32}_[0-9a-f]{32}$/);
assert.equal((await ask()).said.status, 0);
const other = (await ask(appCertSn)).said;
assert.equal(other.status, 20);
assert.match(other.error.message, /支付宝公钥证书/);
console.log('npm\'s alipay-sdk has the same strings and the same numbers');
