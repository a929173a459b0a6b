//! The calls around a trade, one file each.

mod cancel;
mod close;
mod pay;
mod precreate;
mod query;
mod refund;
mod refund_query;
mod sale;

pub use cancel::{Cancel, CancelAction, Cancelled};
pub use close::{Close, Closed};
pub use pay::{PaidTrade, Pay, PayAnswer, Waiting};
pub use precreate::{Precreate, Precreated};
pub use query::{Query, Trade, TradeStatus};
pub use refund::{FundChange, Refund, RefundBuilder, Refunded};
pub use refund_query::{RefundQuery, RefundState};
pub(super) use sale::at_least_a_fen;
pub use sale::{Expiry, Goods, Sale, SaleBuilder, TimeoutExpress};
