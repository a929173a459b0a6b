//! A terminal of the canteen, and what its screen shows.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use m26_pay::amount::Amount;
use m26_pay::campus::acceptance::{AcceptError, AmountLimit, CampusPayment, Checkout, Sale};
use m26_pay::campus::fake::FakeDecoder;
use m26_pay::campus::guard::{
    Guard, MemoryGuard, Now, RedisGuard, RedisSettings, SqliteGuard, TimeRules, Unreachable,
};
use m26_pay::campus::layouts::CodeContents;
use m26_pay::outbox::{Id, Item, ItemState, Outbox, OutboxPolicy, Payment, Upload, Uploaded};
use m26_pay::session::Backoff;
use m26_pay::unix_time::UnixMillis;
use tempfile::TempDir;

use crate::codes::{self, CANTEEN};
use crate::language::language;
use crate::{Trouble, print};

/// Where the files are.
pub enum Folder {
    Kept(PathBuf),
    /// Removed at the end.
    Removed(TempDir),
}

/// The vendor's, in a real terminal.
type Decoder = FakeDecoder<fn() -> UnixMillis>;

/// A terminal that is switched on.
pub struct Shop {
    till: Checkout<Decoder, Box<dyn Guard>, Outbox>,
    outbox: Outbox,
    uploads: PathBuf,
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Removed(folder) => folder.path(),
        }
    }
}

impl Shop {
    /// Switches a terminal on. Its guard and its outbox are on disk, as the last run left them.
    pub fn open(folder: &Folder, redis: Option<&str>) -> Result<Self, Trouble> {
        let folder = folder.path();
        let rules = TimeRules::default();
        let disk = SqliteGuard::open(folder.join("guard.db"), SqliteGuard::CAPACITY, rules)
            .map_err(|error| format!("{}: {error}", folder.join("guard.db").display()))?;
        // A short wait, so that the story takes some seconds only.
        let backoff = Backoff { initial: Duration::from_millis(100), ..Backoff::default() };
        let policy = OutboxPolicy { backoff, ..OutboxPolicy::default() };
        let outbox = Outbox::open(folder.join("outbox.db"), policy)?;
        let till = Checkout::new(
            FakeDecoder::new(codes::now as fn() -> UnixMillis),
            shared(disk, redis)?,
            outbox.clone(),
            CANTEEN,
        );
        let till = till.policy(AmountLimit("50".parse()?));
        Ok(Self { till, outbox, uploads: folder.join("uploads.txt") })
    }

    /// A customer holds a code to the reader. Shows whether it was accepted.
    pub fn take(&self, what: &str, scanned: &[u8], amount: Amount) -> Result<(), AcceptError> {
        let outcome = self.till.accept(scanned, &Sale::new(amount), Now::read());
        match &outcome {
            Ok(paid) => {
                print(&format!("  {what}: PAID {amount} yuan, payment {}", paid.receipt));
                match paid.contents() {
                    // Names and numbers are personal data; a real till may show them to their owner.
                    Ok(CodeContents::Known(holder)) => {
                        let school = holder.school_no().map(|school| school.to_string());
                        let school = school.unwrap_or_else(|| "unknown".into());
                        let standing = holder.standing();
                        print(&format!("    a student of school {school} ({standing:?} layout)"));
                    }
                    Ok(CodeContents::Unknown { template, .. }) => {
                        print(&format!("    (there is no layout for template {template})"));
                    }
                    Err(error) => print(&format!("    (paid, but tell the technician: {error})")),
                }
            }
            Err(refusal) => {
                print(&format!("  {what}: REFUSED. {}", refusal.for_cashier(language())));
                print(&format!(
                    "    (for the technician: {refusal}. {})",
                    refusal.advice().technician(language())
                ));
            }
        }
        outcome.map(|_| ())
    }

    /// Payments that have not reached the server.
    pub fn pending(&self) -> Result<Vec<Item<Payment>>, Trouble> {
        Ok(self.outbox.list(&[ItemState::Pending], Id::<Payment>::START, usize::MAX)?)
    }

    pub fn show_pending(&self) -> Result<(), Trouble> {
        let pending = self.pending()?;
        print(&format!("  payments that wait to be uploaded: {}", pending.len()));
        for payment in pending {
            let kept = payment.content.payload.as_ref().ok_or("a payment without its payload")?;
            let kept = CampusPayment::from_bytes(kept.expose())?;
            let length = kept.final_data().expose().len();
            print(&format!(
                "    payment {}: {} yuan, {length} bytes of final_data, attempts: {}",
                payment.id,
                kept.amount(),
                payment.attempts
            ));
        }
        Ok(())
    }

    /// Uploads what is pending to the server, which is a file here.
    pub fn upload(&self, reachable: bool) -> Result<Uploaded, Trouble> {
        let mut upload = |payment: &Item<Payment>| match reachable {
            true => self.write_upload(payment),
            false => Upload::Unreachable,
        };
        Ok(self.outbox.upload_payments(Now::read().monotonic, &mut upload)?)
    }

    /// A real uploader has its server ask Alipay for the money (alipay.trade.pay), with the number
    /// of the payment in that of the order, so that a payment that comes twice is paid once.
    fn write_upload(&self, payment: &Item<Payment>) -> Upload {
        let kept =
            payment.content.payload.as_ref().map(|kept| CampusPayment::from_bytes(kept.expose()));
        let Some(Ok(kept)) = kept else { return Upload::Failed };
        let line = format!(
            "payment {}\tamount {}\taccepted {}\tfinal_data {}\n",
            payment.id,
            kept.amount(),
            kept.accepted().0,
            kept.final_data().expose_base64()
        );
        let mut file = OpenOptions::new();
        let file = file.create(true).append(true).open(&self.uploads);
        let written = file.and_then(|mut file| {
            file.write_all(line.as_bytes())?;
            file.sync_all()
        });
        if written.is_ok() { Upload::Done } else { Upload::Unreachable }
    }

    /// How many lines the server's file has.
    pub fn uploaded(&self) -> Result<usize, Trouble> {
        Ok(std::fs::read_to_string(&self.uploads)?.lines().count())
    }
}

/// Another terminal, which shares only the Redis server.
pub fn elsewhere(redis: &str) -> Result<impl Guard + use<>, Trouble> {
    let local = MemoryGuard::new(MemoryGuard::CAPACITY, TimeRules::default());
    Ok(RedisGuard::new(local, RedisSettings::new(redis, Unreachable::Refuse))?)
}

fn shared(disk: SqliteGuard, redis: Option<&str>) -> Result<Box<dyn Guard>, Trouble> {
    Ok(match redis {
        Some(url) => Box::new(RedisGuard::new(disk, RedisSettings::new(url, Unreachable::Refuse))?),
        None => Box::new(disk),
    })
}
