//! The module around the SDK: its identity, its network, and raw commands.

use m26_pay::at::command::Command as _;
use m26_pay::at::profile::Profile;
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::BringUp;
use m26_pay::m26::{
    Raw, RawAnswer, ReadIccid, ReadIdentity, ReadImei, ReadImsi, ReadNetworkStatus, ReadSim,
    RegistrationStatus, Signal, SimState,
};

use super::{Job, Outcome, answer, sending, stepwise};
use crate::args;
use crate::connection::Module;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{note, printable, progress};

pub(super) fn info(module: &mut Module<'_>) -> Outcome {
    let mut faults = Vec::new();
    let identity = if_known(module.send(&ReadIdentity), &mut faults)?;
    let imei = if_known(module.send(&ReadImei), &mut faults)?;
    let imsi = if_known(module.send(&ReadImsi), &mut faults)?;
    let iccid = match if_known(module.send(&ReadIccid::Ccid), &mut faults)? {
        None => if_known(module.send(&ReadIccid::Qccid), &mut faults)?,
        iccid => iccid,
    };
    // Another maker's module answers in its own way.
    let said = match &identity {
        None => if_known(module.send(&Raw::new("ATI")), &mut faults)?.map(|answer| said(&answer)),
        Some(_) => None,
    };
    let card = match &imsi {
        None => if_known(module.send(&ReadSim), &mut faults)?,
        Some(_) => None,
    };
    let identity = identity.as_ref();
    let unread = "not known: the module's answer cannot be read";
    let no_card = match &card {
        Some(SimState::PinRequired) => "locked, wants its PIN",
        Some(SimState::PukRequired) => "locked, wants its PUK",
        _ => "not known: is there a SIM card?",
    };
    let lines = [
        ("manufacturer", identity.map(|identity| identity.manufacturer.as_str()), unread),
        ("model", identity.map(|identity| identity.model.as_str()), unread),
        ("revision", identity.map(|identity| identity.revision.as_str()), unread),
        ("imei", imei.as_ref().map(|imei| imei.as_str()), unread),
        ("imsi", imsi.as_ref().map(|imsi| imsi.expose()), no_card),
        ("iccid", iccid.as_ref().map(|iccid| iccid.expose()), no_card),
    ];
    let said = said.filter(|said| !said.is_empty());
    if said.is_none() && lines.iter().all(|(_, value, _)| value.is_none()) {
        // Whatever it is, it is no module that can be told.
        if let Some(fault) = faults.pop() {
            return Err(fault.into());
        }
    }
    for fault in faults {
        note(&format_args!("a part is not known: {fault}"));
    }
    let object =
        lines.iter().fold(Object::new(), |object, (name, value, _)| object.with(name, *value));
    let line = |(name, value, without): &(&str, Option<&str>, &str)| {
        format!("{name:<14}{}", value.map_or(without.to_string(), printable))
    };
    let text = lines.iter().map(line);
    let text: Vec<_> = match &said {
        Some(said) => std::iter::once(format!("{:<14}{}", "identity", printable(&said.join(" "))))
            .chain(text)
            .collect(),
        None => text.collect(),
    };
    let object = match said {
        Some(said) => object.with("identity", said),
        None => object,
    };
    let object = match &card {
        // It names no number.
        Some(card) => object.with("sim", card.to_string()),
        None => object,
    };
    answer(object, text.join("\n"))
}

/// The lines of an answer, as they are.
fn said(answer: &RawAnswer) -> Vec<String> {
    answer.lines.iter().map(|line| line.to_text()).filter(|line| !line.is_empty()).collect()
}

/// `None` where the module refuses to say it, as it does without a SIM card, and where its answer
/// cannot be read, which is kept among the faults: one odd part does not take the others away.
fn if_known<T>(answer: Result<T, Error>, faults: &mut Vec<Error>) -> Result<Option<T>, Error> {
    match answer {
        Err(error) if error.kind() == ErrorKind::Refused => Ok(None),
        Err(error) if error.kind() == ErrorKind::Malformed => {
            faults.push(error);
            Ok(None)
        }
        answer => answer.map(Some),
    }
}

pub(super) fn signal(module: &mut Module<'_>) -> Outcome {
    let status = module.send(&ReadNetworkStatus)?;
    let (signal, gsm, gprs) = (status.signal, status.gsm.status, status.gprs.status);
    let object = network(Object::new(), signal, gsm, gprs);
    let strength = match signal.dbm() {
        Some(dbm) => format!("{dbm} dBm (rssi {})", signal.rssi),
        None => "not known".to_string(),
    };
    answer(object, format!("signal        {strength}\nnetwork       {gsm}\npacket data   {gprs}"))
}

pub(crate) fn network(
    object: Object,
    signal: Signal,
    gsm: RegistrationStatus,
    gprs: RegistrationStatus,
) -> Object {
    // The SDK needs packet data alone.
    let registration = Object::new()
        .with("registered", gprs.is_registered())
        .with("creg", gsm.0)
        .with("cgreg", gprs.0);
    object
        .with("rssi", signal.rssi)
        .with("ber", signal.ber)
        .with("dbm", signal.dbm())
        .nest("registration", &registration)
}

pub(super) fn bring_up(args: &args::BringUp) -> Result<Job, Problem> {
    let mut bring_up = BringUp::default();
    if let Some(access_point) = args.access_point()? {
        bring_up = bring_up.access_point(access_point);
    }
    if let Some(time_server) = args.time_server()? {
        bring_up = bring_up.time_server(time_server);
    }
    Ok(stepwise(move |connection| {
        connection.biz_tid = None;
        let up = connection.client.run_with(bring_up, |told| progress(&told))?;
        let clock = up.clock.map(|clock| clock.to_string());
        let object = Object::new()
            .with("model", up.identity.model.as_str())
            .with("revision", up.identity.revision.as_str());
        let object = network(object, up.signal, up.gsm.status, up.gprs.status);
        let text = format!(
            "the module is up: {} {}, {}, clock {}",
            up.identity.model,
            up.identity.revision,
            up.gprs.status.description().unwrap_or("registered"),
            clock.as_deref().unwrap_or("not known"),
        );
        answer(object.with("clock", clock), text)
    }))
}

pub(super) fn raw(line: String, profile: &Profile) -> Result<Job, Problem> {
    let raw = Raw::new(line);
    raw.request(profile)?;
    Ok(sending(move |module| {
        // It may change anything.
        module.remember(None);
        let answered = module.send(&raw)?;
        answer(raw_object(Object::new(), &answered), raw_text(&answered))
    }))
}

pub(crate) fn raw_object(object: Object, answered: &RawAnswer) -> Object {
    let lines: Vec<_> = answered.lines.iter().map(|line| line.to_text()).collect();
    let last = answered.final_result.as_ref().map(ToString::to_string);
    object.with("lines", lines).with("final", last)
}

pub(crate) fn raw_text(answered: &RawAnswer) -> String {
    let lines = answered.lines.iter().map(|line| line.to_text());
    let last = answered.final_result.as_ref().map(ToString::to_string);
    lines.chain(last).map(|line| printable(&line)).collect::<Vec<_>>().join("\n")
}
