//! Made-up codes of made-up students.

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::decoder::Pid;
use m26_pay::campus::fake::FakeCode;
use m26_pay::campus::guard::Now;
use m26_pay::campus::layout::{Card, Layout};
use m26_pay::unix_time::UnixMillis;

/// The canteen, as the spec's sample names it.
pub const CANTEEN: Pid = Pid::from_u64_be(2088000034052130);

/// The code that a student's phone shows at this time.
pub fn of_student(number: u32, made: UnixMillis) -> FakeCode {
    let student_no = format!("{:010}", 2_020_000_000_u64 + u64::from(number % 100_000_000));
    let card = Card { student_no, ..Card::sample() };
    // The sample fits its layout, so there is always user data.
    let user_data = Layout::TEMPLATE_5.encode(&card, Encoding::GB2312).unwrap_or_default();
    FakeCode::new(made).user_data(user_data).enable(CANTEEN)
}

pub fn now() -> UnixMillis {
    Now::read().wall
}

/// A time this many seconds from now.
pub fn in_seconds(seconds: i64) -> UnixMillis {
    UnixMillis(now().0.saturating_add(seconds * 1000))
}
