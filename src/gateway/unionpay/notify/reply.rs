//! What UnionPay is answered.

/// What UnionPay is answered to a notification (5.2.3.3, 5.3.2.3, 5.4.3.3 to 5.4.3.6).
///
/// ```text
/// Received      {"resp":"00"}
/// NotVerified   {"resp":"01"}
/// Failed        {"errorMessage":"系统错误，请稍后重试","errorCode":"35000"}
/// ```
///
/// The samples of 5.4.3 write the first two with single quotes, which is no JSON, while its table and
/// the other two notifications have double ones. [`sample_body`](Self::sample_body) is the samples'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reply {
    /// It is kept.
    Received,
    /// It is not UnionPay's (验签不通过).
    NotVerified,
    /// It could not be kept.
    Failed,
}

impl Reply {
    /// The body of the answer, whose status is 200.
    #[must_use]
    pub fn body(self) -> &'static str {
        match self {
            Self::Received => r#"{"resp":"00"}"#,
            Self::NotVerified => r#"{"resp":"01"}"#,
            Self::Failed => r#"{"errorMessage":"系统错误，请稍后重试","errorCode":"35000"}"#,
        }
    }

    /// The body as the samples of 5.4.3 have it, if UnionPay turns out to want that.
    #[must_use]
    pub fn sample_body(self) -> &'static str {
        match self {
            Self::Received => "{'resp': '00'}",
            Self::NotVerified => "{'resp': '01'}",
            Self::Failed => self.body(),
        }
    }

    /// The header `Content-Type` (2.2).
    pub const CONTENT_TYPE: &'static str = "application/json;charset=UTF-8";
}
