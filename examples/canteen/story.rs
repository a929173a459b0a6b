//! What happens in the canteen, chapter by chapter.

use std::time::{Duration, Instant};

use m26_pay::amount::Amount;
use m26_pay::campus::acceptance::AcceptError;
use m26_pay::campus::decoder::{DecoderError, Pid};
use m26_pay::campus::fake::{FakeCode, FakeEnvironment};
use m26_pay::campus::guard::{Fingerprint, Guard as _, GuardError, Now, TimeError};

use crate::codes::{in_seconds, now, of_student};
use crate::shop::{self, Folder, Shop};
use crate::{Trouble, print};

/// Runs the story, and fails if a step does not end as expected.
pub fn tell(folder: &Folder, redis: Option<&str>) -> Result<(), Trouble> {
    let lunch: Amount = "10.25".parse()?;
    let shop = Shop::open(folder, redis)?;
    let before = shop.pending()?.len();

    chapter("Lunch");
    let first = scan(of_student(1, now()))?;
    shop.take("the first student", &first, lunch)?;
    shop.take("the second student", &scan(of_student(2, now()))?, lunch)?;

    chapter("The same code again");
    let used =
        |refusal: &AcceptError| matches!(refusal, AcceptError::Used { recorded: Some(true) });
    refused(shop.take("the first student's code", &first, lunch), used)?;
    let with_line_end = [&first[..], b"\r\n"].concat();
    refused(shop.take("the same, with a line end", &with_line_end, lunch), used)?;

    chapter("Codes that are not good");
    bad_codes(&shop, lunch)?;

    chapter("What the canteen does not want");
    let dear = scan(of_student(5, now()))?;
    let above = shop.take("a banquet for 88 yuan", &dear, "88".parse()?);
    refused(above, |refusal| matches!(refusal, AcceptError::Policy(_)))?;
    shop.take("the same code, for lunch alone", &dear, lunch)?;

    chapter("A card of an unknown kind");
    let odd = of_student(6, now()).user_data(*b"laid out otherwise");
    shop.take("a new card", &scan(odd)?, lunch)?;

    if let Some(url) = redis {
        chapter("Another terminal");
        elsewhere(url, &dear)?;
    }

    chapter("The power fails, and comes back");
    drop(shop);
    let shop = Shop::open(folder, redis)?;
    refused(shop.take("the first student's code", &first, lunch), used)?;

    chapter("No connection to the server");
    let uploaded = shop.upload(false)?;
    shop.show_pending()?;
    let pending = shop.pending()?.len();
    if pending != before + 4 {
        return Err(format!("{pending} payments wait, expected {}", before + 4).into());
    }

    chapter("The server answers again");
    wait_until(uploaded.next);
    let uploaded = shop.upload(true)?;
    print(&format!("  {} payments were uploaded", uploaded.done));
    print(&format!("  the server has {} in uploads.txt", shop.uploaded()?));
    shop.show_pending()?;
    if uploaded.done != pending as u64 || !shop.pending()?.is_empty() {
        return Err("not all payments have reached the server".into());
    }
    print("\nAll as it should be.");
    Ok(())
}

fn bad_codes(shop: &Shop, lunch: Amount) -> Result<(), Trouble> {
    let student = |made| of_student(3, made);
    let not_decoded = |refusal: &AcceptError| {
        matches!(refusal, AcceptError::Decode(DecoderError::Refused { .. }))
    };
    let expired = scan(student(in_seconds(-180)))?;
    refused(shop.take("a screenshot of three minutes ago", &expired, lunch), not_decoded)?;
    let ahead = scan(student(in_seconds(300)))?;
    let is_ahead =
        |refusal: &AcceptError| matches!(refusal, AcceptError::Time(TimeError::Ahead { .. }));
    refused(shop.take("a phone whose clock is five minutes fast", &ahead, lunch), is_ahead)?;
    let mut tampered = scan(student(now()))?;
    tampered[100] ^= 1;
    refused(shop.take("a code with a flipped bit", &tampered, lunch), not_decoded)?;
    let elsewhere = FakeCode::new(now()).enable(Pid::from_u64_be(2088000000000000));
    refused(shop.take("a code for another merchant", &scan(elsewhere)?, lunch), not_decoded)?;
    let real = scan(student(now()).environment(FakeEnvironment::Production))?;
    refused(shop.take("a real code at a terminal for tests", &real, lunch), not_decoded)?;
    let text = String::from_utf8_lossy(&scan(student(now()))?).into_owned();
    let through_text = shop.take("a code that passed through a string", text.as_bytes(), lunch);
    refused(through_text, not_decoded)
}

/// The other terminal has only a guard.
fn elsewhere(url: &str, scanned: &[u8]) -> Result<(), Trouble> {
    let print_of = |scanned: &[u8]| Fingerprint::new(scanned, b"", now());
    match shop::elsewhere(url)?.claim(&print_of(scanned), Now::read()) {
        Err(GuardError::Used) => {
            print("  the same code, at the next counter: refused there as well, Redis knows it");
            Ok(())
        }
        outcome => Err(format!("the other terminal said {outcome:?}").into()),
    }
}

/// Checks that a refusal is the one that the story expects.
fn refused(
    outcome: Result<(), AcceptError>,
    is_expected: impl Fn(&AcceptError) -> bool,
) -> Result<(), Trouble> {
    match outcome {
        Err(refusal) if is_expected(&refusal) => Ok(()),
        Err(refusal) => Err(format!("refused for another reason: {refusal}").into()),
        Ok(()) => Err("it was accepted".into()),
    }
}

/// What a scanner reads.
fn scan(code: FakeCode) -> Result<Vec<u8>, Trouble> {
    Ok(code.encode()?.expose().to_vec())
}

#[allow(clippy::disallowed_methods, reason = "a real terminal does something else meanwhile")]
fn wait_until(time: Option<Instant>) {
    let now = Now::read().monotonic;
    std::thread::sleep(time.map_or(Duration::ZERO, |time| time.saturating_duration_since(now)));
}

fn chapter(title: &str) {
    print(&format!("\n{title}"));
}
