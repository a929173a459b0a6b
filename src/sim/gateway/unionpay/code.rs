//! What the platform says when it refuses.

/// A code and its message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Code {
    pub(super) resp: &'static str,
    pub(super) msg: &'static str,
}

const fn code(resp: &'static str, msg: &'static str) -> Code {
    Code { resp, msg }
}

// Appendix 7 (7.7).
pub(super) const OK: Code = code("00", "成功");
pub(super) const BACKEND_TOKEN: Code = code("a10", "不合法的backend_token，或已过期");
pub(super) const AUTH_CODE: Code = code("a31", "不合法的授权code，或已过期");
pub(super) const NO_APP_ID: Code = code("N62100", "商户appId不能为空");
pub(super) const NO_BACKEND_TOKEN: Code = code("N62101", "backendToken不能为空");
pub(super) const NO_SIGNATURE: Code = code("N62104", "签名字段值不能为空");
pub(super) const WRONG_GRANT_TYPE: Code = code("N62106", "grantType应为固定值authoriz");
pub(super) const NO_NONCE_STR: Code = code("N62107", "随机字符串不能为空");
pub(super) const NO_TIMESTAMP: Code = code("N62108", "时间戳不能为空");
pub(super) const NO_ACCESS_TOKEN: Code = code("N62109", "accessToken不能为空");
pub(super) const NO_OPEN_ID: Code = code("N62110", "openId不能为空");
pub(super) const NO_URL: Code = code("N62111", "url不能为空");
pub(super) const NO_CODE: Code = code("N62112", "code不能为空");
pub(super) const NO_CONTRACT_CODE: Code = code("N62113", "contractCode不能为空");
pub(super) const NO_PLAN_ID: Code = code("N62114", "planId不能为空");
pub(super) const NO_CONTRACT_ID: Code = code("N62115", "contractId不能为空");
pub(super) const NO_CONTENT: Code = code("N62116", "content不能为空");
pub(super) const NO_BIZ_ORDER_ID: Code = code("N62122", "bizOrderId不能为空");
pub(super) const NO_BIZ_TYPE: Code = code("N62123", "bizType不能为空");
pub(super) const NO_MERCHANT_ID: Code = code("N62124", "merchantId不能为空");
pub(super) const NO_NOTIFY_URL: Code = code("N62125", "notifyUrl不能为空");
pub(super) const APP_ID: Code = code("N62126", "缓存中不包含此商户appId");
pub(super) const NO_RIGHT: Code = code("N62131", "无权限访问此接口");
pub(super) const DOMAIN: Code = code("N62132", "不支持此访问域名");
pub(super) const NO_REFUND_NO: Code = code("N62134", "退税号不能为空");
pub(super) const MOBILE_KEPT_BACK: Code = code("N62135", "用户授权时，没有提供手机号");
pub(super) const NO_MOBILE: Code = code("N62136", "用户没有手机号");
pub(super) const CONTRACT: Code = code("N62137", "获取签约商户信息异常");
pub(super) const PASSWORD: Code = code("N62138", "验证支付密码异常");

// 7.10, note 2.
pub(super) const AWARD_BUDGET: Code = code("AM03051", "余额不足");

// The document has these texts (7.8), but no code for them. Not specified; chosen so that no client
// takes them for a code of the table.
pub(super) const SIGNATURE: Code = code("SIM001", "验签失败");
pub(super) const TIME: Code = code("SIM002", "请求非法");
pub(super) const BAD_FIELD: Code = code("SIM003", "参数格式错误");
pub(super) const TOO_MANY: Code = code("SIM004", "访问控制拒绝了你的请求");
pub(super) const ACCESS_TOKEN: Code = code("SIM005", "请求token过期");
pub(super) const OPEN_ID: Code = code("SIM006", "不合法openId");
pub(super) const DECRYPT: Code = code("SIM007", "解密失败");
pub(super) const SYSTEM: Code = code("SIM008", "系统异常，请稍后再试");

// Not specified, neither text nor code.
pub(super) const UNKNOWN_NUMBER: Code = code("SIM009", "编号不存在");
pub(super) const NUMBER_USED: Code = code("SIM010", "流水号重复");
pub(super) const NO_CHANCE: Code = code("SIM011", "没有抽奖资格");
