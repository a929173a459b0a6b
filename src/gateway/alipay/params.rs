//! The parameters around `biz_content`: sorted, signed, and put where they belong.

use std::borrow::Cow;

use data_encoding::BASE64;

use super::merchant::RequestError;
use crate::gateway::charset::Charset;
use crate::gateway::{HttpRequest, Signer, form};

/// The parameters of one request by their names. An empty one is not there: it is neither signed nor
/// sent.
#[derive(Default)]
pub(super) struct Params<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> Params<'a> {
    pub(super) fn set(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            let at = self.0.partition_point(|(known, _)| *known < name);
            self.0.insert(at, (name, value));
        }
        self
    }

    pub(super) fn some(self, name: &'static str, value: Option<&'a str>) -> Self {
        self.set(name, value.unwrap_or_default())
    }

    /// The text that is signed: sorted by name, joined by `&`, the values as they are
    /// (自行实现签名: 按…ASCII码递增排序).
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(512);
        for (name, value) in &self.0 {
            let separator = if text.is_empty() { "" } else { "&" };
            text.extend([separator, *name, "=", value.as_ref()]);
        }
        text
    }

    /// The signed request. `biz_content` and the merchant's token are in the body, everything else in
    /// the query: the gateway has to know the charset before it reads a body.
    pub(super) fn request(
        &self,
        gateway: &str,
        charset: Charset,
        signer: &dyn Signer,
    ) -> Result<HttpRequest, RequestError> {
        let encode = |text| charset.encode(text).map_err(RequestError::Charset);
        let signature = self.sign(charset, signer)?;
        let (mut query, mut body) = (String::new(), String::new());
        for (name, value) in &self.0 {
            let place = if IN_BODY.contains(name) { &mut body } else { &mut query };
            form::push(place, name, &encode(value)?);
        }
        form::push(&mut query, "sign", signature.as_bytes());
        let content_type = match charset {
            Charset::Gbk => "application/x-www-form-urlencoded;charset=GBK",
            Charset::Utf8 => "application/x-www-form-urlencoded;charset=utf-8",
        };
        Ok(HttpRequest::post(format!("{gateway}?{query}"), content_type, body.into_bytes()))
    }

    /// The signed parameters in one string, the signature behind all others
    /// (spec App支付, 請求示例, the last step).
    pub(super) fn order_string(
        &self,
        charset: Charset,
        signer: &dyn Signer,
    ) -> Result<String, RequestError> {
        let signature = self.sign(charset, signer)?;
        let mut string = String::with_capacity(1024);
        for (name, value) in &self.0 {
            form::push(&mut string, name, &charset.encode(value).map_err(RequestError::Charset)?);
        }
        form::push(&mut string, "sign", signature.as_bytes());
        Ok(string)
    }

    fn sign(&self, charset: Charset, signer: &dyn Signer) -> Result<String, RequestError> {
        let text = self.text();
        let bytes = charset.encode(&text).map_err(RequestError::Charset)?;
        Ok(BASE64.encode(&signer.sign(&bytes)?))
    }
}

/// As Alipay's SDK for Java has it: its application parameters.
const IN_BODY: &[&str] = &["app_auth_token", "biz_content"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_by_bytes_and_nothing_empty() {
        let params = Params::default()
            .set("b", "2")
            .set("notify_url", "")
            .set("a", "x+y=%2B&z")
            .set("B", "1")
            .some("c", None);
        assert_eq!(params.text(), "B=1&a=x+y=%2B&z&b=2");
    }
}
