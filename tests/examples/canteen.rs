//! The `canteen` example, as somebody with a fresh machine runs it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

#[allow(dead_code, reason = "the guard's own tests use the rest")]
use std::path::Path;
use std::thread;

use support::example_run::{Said, run};
use support::redis_server::Server;

fn canteen(arguments: &[&str]) -> Said {
    let said = run("canteen", arguments);
    for personal in ["李小明", "2020000001", "1234567890123456"] {
        assert!(!said.out.contains(personal) && !said.err.contains(personal), "{personal}");
    }
    said
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const STORY: [&str; 20] = [
    "the first student: PAID 10.25 yuan, payment",
    "the second student: PAID",
    "the first student's code: REFUSED. Already paid",
    "the same, with a line end: REFUSED. Already paid",
    "three minutes ago: REFUSED. The code has expired",
    "five minutes fast: REFUSED. The terminal's clock",
    "a flipped bit: REFUSED. Not a valid campus code",
    "another merchant: REFUSED. The customer has not enabled",
    "at a terminal for tests: REFUSED",
    "through a string: REFUSED",
    "have the scanner hand over raw bytes",
    "88 yuan: REFUSED. Above the limit of 50.00 yuan",
    "for lunch alone: PAID",
    "a new card: PAID",
    "but tell the technician",
    "The power fails, and comes back",
    "the first student's code: REFUSED. Already paid",
    "payments that wait to be uploaded: 4",
    "4 payments were uploaded",
    "payments that wait to be uploaded: 0",
];

#[test]
fn the_whole_story() {
    let said = canteen(&[]);
    assert_eq!(said.err, "");
    said.says(&STORY).says(&["All as it should be."]).ends(0);
}

#[test]
fn the_story_twice_in_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("canteen");
    canteen(&["--db", text(&db)]).says(&STORY).ends(0);
    canteen(&["--db", text(&db)]).says(&["payment 5", "the server has 8 in uploads.txt"]).ends(0);
    let uploads = std::fs::read_to_string(db.join("uploads.txt")).unwrap();
    for (number, line) in uploads.lines().enumerate() {
        let begins = format!("payment {}\tamount 10.25\taccepted ", number + 1);
        assert!(line.starts_with(&begins) && line.contains("\tfinal_data "), "{line}");
    }
}

#[test]
fn codes_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let (code, db) = (folder.path().join("code.bin"), folder.path().join("canteen"));
    canteen(&["--make", text(&code)]).ends(0);
    let take = ["--db", text(&db), "--amount", "7.50", "--codes", text(&code)];
    canteen(&take)
        .says(&[
            "code.bin: PAID 7.50 yuan, payment 1",
            "wait to be uploaded: 1",
            "payment 1: 7.50 yuan",
        ])
        .ends(0);
    canteen(&take).says(&["code.bin: REFUSED. Already paid", "wait to be uploaded: 1"]).ends(1);
    let other = folder.path().join("other.bin");
    std::fs::write(&other, b"no code").unwrap();
    canteen(&["--codes", text(&other)]).says(&["REFUSED. Not a valid campus code"]).ends(1);
    // No more of a file is read than a code can have.
    std::fs::File::create(&other).unwrap().set_len(1 << 42).unwrap();
    canteen(&["--codes", text(&other)]).says(&["REFUSED. Not a campus code."]).ends(1);
}

#[test]
fn two_terminals_that_share_a_redis() {
    const CODES: usize = 20;
    let Some(server) = Server::start(&[]) else { return };
    canteen(&["--redis", &server.url()])
        .says(&["at the next counter: refused there as well", "All as it should be."])
        .ends(0);

    let folder = tempfile::tempdir().unwrap();
    let codes: Vec<_> = (0..CODES).map(|number| folder.path().join(number.to_string())).collect();
    for code in &codes {
        canteen(&["--make", text(code)]).ends(0);
    }
    let url = server.url();
    let terminal = || {
        let mut arguments = vec!["--redis", &url, "--codes"];
        arguments.extend(codes.iter().map(|code| text(code)));
        canteen(&arguments)
    };
    let [here, there] = thread::scope(|scope| {
        [scope.spawn(terminal), scope.spawn(terminal)].map(|thread| thread.join().unwrap())
    });
    for code in &codes {
        let paid = format!("{}: PAID", text(code));
        let refused = format!("{}: REFUSED. This code was used already.", text(code));
        let count =
            |line: &str| [&here, &there].iter().filter(|said| said.out.contains(line)).count();
        assert_eq!((count(&paid), count(&refused)), (1, 1), "{}\n{}", here.out, there.out);
    }
}

#[test]
fn a_redis_that_is_not_there_refuses_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code.bin");
    canteen(&["--make", text(&code)]).ends(0);
    let url = format!("unix://{}/no-such.sock", folder.path().display());
    canteen(&["--redis", &url, "--codes", text(&code)])
        .says(&["REFUSED. No connection to the other terminals.", "wait to be uploaded: 0"])
        .ends(1);
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["--codes"][..],
        &["--codes", "/nonexistent"],
        &["--redis", "http://127.0.0.1/"],
        &["--redis", "rediss://:sesame@127.0.0.1/"],
        &["--amount", "ten", "--codes", "/dev/null"],
        &["--amount", "0.00", "--codes", "/dev/null"],
        &["--amount", "10"],
        &["--make", "a", "--codes", "/dev/null"],
        &["--nonsense"],
        &["nonsense"],
    ] {
        let said = canteen(arguments);
        assert_eq!(said.out, "", "{arguments:?}");
        assert!(!said.err.contains("sesame"), "{}", said.err);
        said.complains(&["error:"]).ends(2);
    }
    canteen(&["--help"]).says(&["Usage: canteen", "--db", "--redis", "--codes"]).ends(0);
}
