//! Campus codes: how their user data is laid out.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use m26_pay::campus::charset::Encoding;
use m26_pay::campus::field::{CardType, Field, SchoolNo};
use m26_pay::campus::layout::Layout;
use m26_pay::campus::probe::{Capture, Conclusion, Holder, Misfit, Probe, ProbeReport};
use m26_pay::campus::template::Template;
use m26_pay::campus::user_data::UserData;
use m26_pay::secret::Secret;

use super::{Job, Outcome, answer};
use crate::args::campus;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::printable;

pub(super) fn probe(args: campus::Probe, show_secrets: bool) -> Result<Job, Problem> {
    let mut probe = Probe::new();
    if let Some(school_no) = &args.school_no {
        probe = probe.school_no(school_no.parse::<SchoolNo>().map_err(invalid)?);
    }
    for path in &args.layout {
        probe = probe.layout(read_layout(path)?);
    }
    let captures = captures(&args)?;
    if let Some(path) = args.out.as_ref().filter(|path| !args.force && path.exists()) {
        let what = "is there already: give --force to write over it";
        return Err(Problem::invalid(format!("the file {} {what}", path.display())));
    }
    Ok(Job::Alone(Box::new(move || {
        let report = probe.run(&captures);
        conclude(&report, &captures, &args, show_secrets)
    })))
}

/// Writes the layout, if one was found, and says what was found out.
fn conclude(
    report: &ProbeReport,
    captures: &[Capture],
    args: &campus::Probe,
    show_secrets: bool,
) -> Outcome {
    let mut lines = vec![report.to_string()];
    if show_secrets {
        lines.extend(report.fits.iter().take(SHOWN).flat_map(|layout| readings(layout, captures)));
    }
    if args.all {
        lines.extend(report.misfits.iter().map(ToString::to_string));
    }
    let object = object(report, captures, args.all, show_secrets);
    let Conclusion::Found(found) = report.conclusion() else {
        return Err(Problem::undecided(lines.join("\n"), object));
    };
    let text = format!("{}\n{found}", head(captures.len()));
    match &args.out {
        Some(path) => {
            write(path, &text, args.force)?;
            lines.push(format!("its file is written: {}", path.display()));
        }
        None => lines.push(format!("its file, for --out:\n{}", text.trim_end())),
    }
    let written = args.out.as_ref().map(|path| path.display().to_string());
    answer(object.with("layout", text).with("written", written), lines.join("\n"))
}

fn object(report: &ProbeReport, captures: &[Capture], all: bool, show_secrets: bool) -> Object {
    let conclusion = match report.conclusion() {
        Conclusion::Ambiguous(_) => "ambiguous",
        Conclusion::Found(_) => "found",
        Conclusion::None => "none",
    };
    let fits: Vec<_> = report
        .fits
        .iter()
        .take(SHOWN)
        .map(|layout| {
            let object = of_layout(layout);
            if show_secrets {
                let values: Vec<_> =
                    captures.iter().map(|capture| values(layout, capture)).collect();
                let values = values.into_iter().map(|values| {
                    values
                        .into_iter()
                        .fold(Object::new(), |object, (name, value)| object.with(name, value))
                });
                object.list("captures", &values.collect::<Vec<_>>())
            } else {
                object
            }
        })
        .collect();
    let failed = report.counts().into_iter();
    let failed = failed.fold(Object::new(), |object, (subject, count)| object.with(subject, count));
    let settled: Vec<_> = report.settled.iter().map(|field| field.name()).collect();
    let open: Vec<_> = report.open.iter().map(ToString::to_string).collect();
    let object = Object::new()
        .with("conclusion", conclusion)
        .with("captures", report.captures)
        .with("tried", report.tried())
        .with("fitting", report.fits.len())
        .list("fits", &fits)
        .with("settled", settled)
        .with("open", open)
        .nest("failed", &failed);
    if all {
        object.list("misfits", &report.misfits.iter().map(of_misfit).collect::<Vec<_>>())
    } else {
        object
    }
}

fn of_layout(layout: &Layout) -> Object {
    let fields: Vec<_> = layout.items().iter().map(ToString::to_string).collect();
    Object::new()
        .with("template", layout.template().0)
        .with("envelope", layout.envelope().name())
        .with("fields", fields)
}

fn of_misfit(misfit: &Misfit) -> Object {
    of_layout(&misfit.layout)
        .with("capture", misfit.capture + 1)
        .with("position", misfit.position)
        .with("check", misfit.check.to_string())
}

/// What a layout reads out of the captures, for who asked to see it.
fn readings(layout: &Layout, captures: &[Capture]) -> Vec<String> {
    let mut lines = vec![format!("read by {}:", layout.summary())];
    lines.extend(captures.iter().enumerate().map(|(index, capture)| {
        let values = values(layout, capture).into_iter();
        let values: Vec<_> = values.map(|(name, value)| format!("{name} {value}")).collect();
        printable(&format!("  capture {}: {}", index + 1, values.join(", ")))
    }));
    lines
}

fn values(layout: &Layout, capture: &Capture) -> Vec<(&'static str, String)> {
    let encoding = capture.encoding.unwrap_or(Encoding::GB2312);
    let Ok(data) = UserData::parse(layout, encoding, capture.user_data.expose()) else {
        return Vec::new();
    };
    let value = |field| {
        let text = match field {
            Field::SchoolNo => data.school_no()?.to_string(),
            Field::CardType => data.card_type()?.to_string(),
            Field::StudentName => match data.student_name() {
                Ok(Some(name)) => match name.text() {
                    Some(text) => text.to_string(),
                    None => in_hex(&data, field)?,
                },
                _ => in_hex(&data, field)?,
            },
            _ => {
                let bytes = data.raw(field)?.into_inner();
                match std::str::from_utf8(bytes) {
                    Ok(text) if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) => text.into(),
                    _ => in_hex(&data, field)?,
                }
            }
        };
        Some((field.name(), text))
    };
    Field::NAMED.into_iter().filter_map(value).collect()
}

fn in_hex(data: &UserData<'_>, field: Field) -> Option<String> {
    Some(format!("0x{}", HEXLOWER.encode(data.raw(field)?.into_inner())))
}

/// The captures of the command line, with what is known of each.
fn captures(args: &campus::Probe) -> Result<Vec<Capture>, Problem> {
    let mut user_data = Vec::new();
    for path in &args.file {
        user_data.push(read_capture(path)?);
    }
    for hex in &args.hex {
        user_data.push(decode_hex(hex.as_bytes()).map_err(|why| {
            Problem::invalid(format!("capture {} is not in hex: {why}", user_data.len() + 1))
        })?);
    }
    let count = user_data.len();
    let holder = &args.holder;
    for (option, given) in [
        ("--student-no", &holder.student_no),
        ("--name", &holder.name),
        ("--identify-id", &holder.identify_id),
        ("--card-type", &holder.card_type),
    ] {
        if given.len() > 1 && given.len() != count {
            let given = given.len();
            let what = "once for all, or once for each";
            return Err(Problem::invalid(format!(
                "{option} is given {given} times, and there are {count} captures: {what}"
            )));
        }
    }
    let captures = user_data.into_iter().enumerate().map(|(index, user_data)| {
        let said = |given: &[String]| {
            given
                .get(if given.len() == 1 { 0 } else { index })
                .filter(|said| !said.is_empty())
                .cloned()
        };
        let card_type = said(&holder.card_type).map(|said| said.parse::<CardType>());
        Ok(Capture {
            template: args.template.map(Template),
            encoding: args.encoding,
            holder: Holder {
                school_no: None,
                identify_id: said(&holder.identify_id).map(Secret::new),
                card_type: card_type.transpose().map_err(invalid)?,
                student_no: said(&holder.student_no).map(Secret::new),
                student_name: said(&holder.name).map(Secret::new),
            },
            ..Capture::new(user_data)
        })
    });
    captures.collect()
}

/// The bytes of a file, which may be written in hex.
fn read_capture(path: &Path) -> Result<Vec<u8>, Problem> {
    let bytes = read(path, CAPTURE_FILE)?;
    let text = bytes.iter().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace());
    if !text {
        return Ok(bytes);
    }
    decode_hex(&bytes).map_err(|why| {
        Problem::invalid(format!("the file {} is not in hex: {why}", path.display()))
    })
}

fn decode_hex(text: &[u8]) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    HEXLOWER_PERMISSIVE.decode(&digits).map_err(|error| error.to_string())
}

fn read_layout(path: &Path) -> Result<Layout, Problem> {
    let bytes = read(path, Layout::MAX_TEXT as u64 + 1)?;
    let problem = |why: String| Problem::invalid(format!("the file {}: {why}", path.display()));
    let text = std::str::from_utf8(&bytes).map_err(|_| problem("it is no text in UTF-8".into()))?;
    text.parse().map_err(|error: m26_pay::campus::layout::InvalidText| problem(error.to_string()))
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    let doing = || format!("the file {} cannot be read", path.display());
    read.map_err(|error| Problem::io(&doing(), &error))?;
    Ok(bytes)
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Problem> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).create_new(!force);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    let doing = || format!("the file {} cannot be written", path.display());
    written.map_err(|error| Problem::io(&doing(), &error))
}

fn invalid(error: impl ToString) -> Problem {
    Problem::invalid(error.to_string())
}

/// What stands above a layout that was found.
fn head(captures: usize) -> String {
    format!(
        "# How the user data of a campus code is laid out. Found with captured codes: {captures}."
    )
}

/// How many layouts that fit are shown. There are thousands of them where nothing is known.
const SHOWN: usize = 12;

/// The longest capture that is read; it may be in hex, with blanks.
const CAPTURE_FILE: u64 = 65_536;
