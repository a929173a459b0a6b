//! `doctor`: what is wrong between this computer and a payment, step by step, and what to do about it.
//!
//! It sends questions alone and changes nothing, unless it is told to try.

pub(crate) mod args;
mod attempt;
mod bundle;
mod findings;
mod holders;
mod line;
mod module;
mod outbox;
mod voice;
mod wire;

use std::io;
use std::time::Duration;

use m26_pay::blocking::Client;
use m26_pay::engine::Settings;
use m26_pay::error::Error;
use m26_pay::transcript::Recorder;

use crate::connection::Target;
use crate::problem::Problem;
use crate::screen::Screen;
use args::Doctor;
use bundle::{Bundle, Kept};
use findings::{Findings, Step};

/// Looks at everything and tells it. Whether all is well, if that could be printed.
pub(crate) fn run(
    args: &Doctor,
    target: &Target,
    screen: Screen,
) -> Result<io::Result<bool>, Problem> {
    let bundle = args.bundle.as_deref().map(Bundle::create).transpose()?;
    let place = target.place()?;
    let kept = Kept::default();
    let recorder = match target.record()? {
        Some(record) => Recorder::new(Both(record, kept.clone()), wire::now()),
        None => Recorder::new(kept.clone(), wire::now()),
    };
    let mut findings = Findings::default();
    if let Err(error) = examine(&mut findings, args, target, &place.path, recorder) {
        findings.lost(&error);
    }
    outbox::examine(&mut findings, args.db.as_deref());
    if !args.attempt {
        for step in [Step::Open, Step::BizTid, Step::Signature] {
            findings.not_tried(step, "only with --try");
        }
    }
    findings.complete();
    let written = match (bundle, &args.bundle) {
        (Some(bundle), Some(path)) => {
            bundle.write(&place.path, target.baud(), &findings, &kept).map_err(|error| {
                Problem::io(&format!("the bundle {} cannot be written", path.display()), &error)
            })?;
            Some(path.display().to_string())
        }
        _ => None,
    };
    let object = findings.object();
    let object = match &written {
        Some(path) => object.with("bundle", path.as_str()),
        None => object,
    };
    let mut text = findings.to_string();
    if let Some(path) = &written {
        text += &format!("\n{path} holds all this and what passed on the line, without secrets");
    }
    let well = findings.all_well();
    Ok(screen.findings("doctor", well, &object, &text).map(|()| well))
}

/// Everything that has to do with the port. It ends where nothing more can be found out.
fn examine(
    findings: &mut Findings,
    args: &Doctor,
    target: &Target,
    path: &str,
    recorder: Recorder,
) -> Result<(), Error> {
    let Some(port) = line::open(findings, path, target.baud()) else { return Ok(()) };
    let heard = line::listen(findings, port, recorder, path, target.baud())?;
    let Some((wire, name)) = heard else { return Ok(()) };
    let wire = wire.within(if args.attempt { TRYING } else { ASKING });
    let settings = Settings { earlier: target.earlier(), ..Settings::new(target.profile.clone()) };
    let mut client = Client::connect(wire, settings);
    client.set_timeout(target.timeout());
    module::examine(findings, &mut client, &name)?;
    if args.attempt {
        attempt::attempt(findings, &mut client)?;
    }
    Ok(())
}

/// Writes to both.
struct Both<A, B>(A, B);

impl<A: io::Write, B: io::Write> io::Write for Both<A, B> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.write_all(bytes)?;
        self.0.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Not specified; chosen more than a dozen questions take that a module answers at the last moment,
/// and more than the SDK takes to start, for an answer that another program left, and to sign.
const ASKING: Duration = Duration::from_secs(20);
const TRYING: Duration = Duration::from_secs(180);
