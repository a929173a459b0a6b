//! The module around the SDK: its identity, its network, and raw commands.

use m26_pay::at::command::Command as _;
use m26_pay::at::profile::Profile;
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::BringUp;
use m26_pay::m26::{
    Raw, ReadIccid, ReadIdentity, ReadImei, ReadImsi, ReadNetworkStatus, RegistrationStatus,
    SetAccessPoint, Signal,
};

use super::{Job, Outcome, answer, connected};
use crate::args;
use crate::connection::Connection;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{note, printable};

pub(super) fn info(connection: &mut Connection) -> Outcome {
    let client = &mut connection.client;
    let identity = client.send(&ReadIdentity)?;
    let imei = client.send(&ReadImei)?;
    let imsi = unless_refused(client.send(&ReadImsi))?;
    let iccid = match unless_refused(client.send(&ReadIccid::Ccid))? {
        None => unless_refused(client.send(&ReadIccid::Qccid))?,
        iccid => iccid,
    };
    let [imsi, iccid] =
        [imsi.as_ref().map(|imsi| imsi.expose()), iccid.as_ref().map(|iccid| iccid.expose())];
    let lines = [
        ("manufacturer", Some(identity.manufacturer.as_str())),
        ("model", Some(identity.model.as_str())),
        ("revision", Some(identity.revision.as_str())),
        ("imei", Some(imei.as_str())),
        ("imsi", imsi),
        ("iccid", iccid),
    ];
    let object =
        lines.iter().fold(Object::new(), |object, (name, value)| object.with(name, *value));
    let line = |(name, value): &(&str, Option<&str>)| {
        format!("{name:<14}{}", value.map_or("not known: is there a SIM card?".into(), printable))
    };
    answer(object, lines.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// `None` where the module refuses to say it, as it does without a SIM card.
fn unless_refused<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Err(error) if error.kind() == ErrorKind::Refused => Ok(None),
        answer => answer.map(Some),
    }
}

pub(super) fn signal(connection: &mut Connection) -> Outcome {
    let status = connection.client.send(&ReadNetworkStatus)?;
    let (signal, gsm, gprs) = (status.signal, status.gsm.status, status.gprs.status);
    let object = network(Object::new(), signal, gsm, gprs);
    let strength = match signal.dbm() {
        Some(dbm) => format!("{dbm} dBm (rssi {})", signal.rssi),
        None => "not known".to_string(),
    };
    answer(object, format!("signal        {strength}\nnetwork       {gsm}\npacket data   {gprs}"))
}

fn network(
    object: Object,
    signal: Signal,
    gsm: RegistrationStatus,
    gprs: RegistrationStatus,
) -> Object {
    let registration = Object::new()
        .with("registered", gsm.is_registered() && gprs.is_registered())
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
    if let Some(apn) = &args.apn {
        bring_up = bring_up.access_point(SetAccessPoint::new(apn.parse()?));
    }
    if let Some(host) = &args.ntp {
        bring_up = bring_up.time_server(host.parse()?);
    }
    Ok(connected(move |connection| {
        connection.biz_tid = None;
        let up = connection.client.run_with(bring_up, |progress| note(&progress))?;
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
    Ok(connected(move |connection| {
        // It may change anything.
        connection.biz_tid = None;
        let answered = connection.client.send(&raw)?;
        let lines: Vec<_> = answered.lines.iter().map(|line| line.to_text()).collect();
        let last = answered.final_result.map(|last| last.to_string());
        let text = lines.iter().chain(&last).map(|line| printable(line)).collect::<Vec<_>>();
        answer(Object::new().with("lines", lines).with("final", last), text.join("\n"))
    }))
}
