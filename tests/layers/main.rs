//! The wall: who may import whom. `docs/architecture.md` explains the layers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

mod advice;
mod names;
mod reader;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use reader::paths;
use table::{EXCEPTIONS, FOR_ALL, ROOMS, Room};

/// One import from a room to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    from: &'static str,
    to: &'static str,
    /// The whole path, and where it stands.
    path: String,
    place: String,
}

#[test]
fn imports_point_downward_only() {
    let imports = imports();
    assert!(imports.len() > 200, "the reader found {} imports only", imports.len());
    let wrong: Vec<String> = imports.iter().filter_map(refusal).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn the_table_itself_points_downward() {
    for room in ROOMS {
        for allowed in room.may {
            let to = room_of(&split(allowed)).unwrap_or_else(|| panic!("no room {allowed}"));
            assert!(
                to.layer < room.layer || to.layer == room.layer && to.name != room.name,
                "{} (layer {}) may not import {allowed} (layer {}): that points upward",
                room.name,
                room.layer,
                to.layer,
            );
        }
    }
    let names: BTreeSet<_> = ROOMS.iter().map(|room| room.name).collect();
    assert_eq!(names.len(), ROOMS.len(), "a room stands twice in the table");
}

#[test]
fn no_circle_of_rooms() {
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports().into_iter().filter(|import| !is_excepted(import)) {
        graph.entry(import.from).or_default().insert(import.to);
    }
    assert_eq!(circle(&graph), None);
}

#[test]
fn every_exception_is_needed_and_explained() {
    let imports = imports();
    for (from, path, why) in EXCEPTIONS {
        assert!(why.len() > 20, "say why {from} may import {path}");
        let used = imports.iter().any(|import| import.from == *from && begins(&import.path, path));
        assert!(used, "{from} does not import {path} any more: take the exception out");
    }
}

#[test]
fn every_module_has_a_room() {
    for (module, _) in sources() {
        let module: Vec<&str> = module.iter().map(String::as_str).collect();
        assert!(
            module.is_empty() || room_of(&module).is_some(),
            "{} is in no room: give it a row in tests/layers/table.rs",
            module.join("::"),
        );
    }
}

#[test]
fn a_forbidden_import_is_refused() {
    let import = |from: &'static str, path: &str| {
        let to = room_of(&split(path)).unwrap().name;
        refusal(&Import { from, to, path: path.into(), place: "sample".into() })
    };
    assert_eq!(import("engine", "at::command::Request"), None);
    assert_eq!(import("gateway", "alipay::SignedData"), None);
    for (from, path) in [
        ("engine", "alipay::Sign"),
        ("at", "engine::Engine"),
        ("gateway", "alipay::Sign"),
        ("gateway", "alipay::*"),
        ("gateway", "alipay"),
        ("gateway", "sim::gateway"),
        ("gateway", "engine::Settings"),
        ("gateway", "gateway::unionpay::App"),
        ("gateway::unionpay", "gateway::alipay::Merchant"),
        ("sim", "blocking::Port"),
        ("sim::gateway", "gateway::Merchant"),
        ("session", "blocking::Client"),
        ("outbox", "till::Till"),
    ] {
        assert!(import(from, path).is_some(), "{from} may import {path}");
    }
}

#[test]
fn circles_are_found() {
    let graph = |edges: &[(&'static str, &'static str)]| {
        let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in edges {
            graph.entry(from).or_default().insert(to);
        }
        circle(&graph)
    };
    assert_eq!(graph(&[("a", "b"), ("b", "c"), ("a", "c")]), None);
    assert_eq!(graph(&[("a", "b"), ("b", "a")]), Some("a -> b -> a".into()));
    let longer = [("z", "a"), ("a", "b"), ("b", "c"), ("c", "a")];
    assert_eq!(graph(&longer), Some("a -> b -> c -> a".into()));
}

#[test]
fn every_way_to_write_a_path_is_read() {
    let read = |source: &str| -> Vec<String> {
        let found = paths(&["outbox", "sqlite"], source);
        found.into_iter().map(|(_, path)| path.join("::")).collect()
    };
    for (source, expected) in [
        ("use crate::at::field::Fields;", &["at::field::Fields"][..]),
        ("use crate::at;", &["at"]),
        ("pub(crate) use crate::at as wire;", &["at"]),
        (
            "use crate::{at, engine::{Engine, event::Event as E}};",
            &["at", "engine::Engine", "engine::event::Event"],
        ),
        ("use crate::at::{self, line::*};", &["at", "at::line::*"]),
        ("fn f() { let x = crate::engine::Settings::default(); }", &["engine::Settings::default"]),
        (
            "fn f(x: &crate::error::Error) -> Vec<crate::urc::Urc<'_>> {}",
            &["error::Error", "urc::Urc"],
        ),
        ("use super::book::Book;", &["outbox::book::Book"]),
        ("use super::super::flows::Flow;", &["flows::Flow"]),
        (
            "use super::{super::flows::{Flow, Step}, Outbox};",
            &["flows::Flow", "flows::Step", "outbox::Outbox"],
        ),
        (
            "mod inner { use super::row; use super::super::store; } use super::duty;",
            &["outbox::sqlite::row", "outbox::store", "outbox::duty"],
        ),
        ("use self::row::Row;", &["outbox::sqlite::row::Row"]),
        ("macro_rules! m { () => { $crate::secret::Secret::new } }", &["secret::Secret::new"]),
        (
            "impl crate::flows::Flow for X { type Output = crate::at::X<crate::at::Y>; }",
            &["flows::Flow", "at::X", "at::Y"],
        ),
        ("for x in crate::at::all() {}", &["at::all"]),
        ("let x = crate::at::parse::<crate::urc::Urc>(b'\\'');", &["at::parse", "urc::Urc"]),
    ] {
        assert_eq!(read(source), expected, "{source}");
    }
    for nothing in [
        "// use crate::engine::Engine;",
        "/* use crate::a; /* use crate::b; */ use crate::c; */",
        "//! [`Error`](crate::error::Error)",
        "let x = \"crate::engine\"; let y = r#\"\"crate::engine\"\"#; let z = b\"\\\"crate::at\";",
        "#[cfg(test)] mod tests { use crate::engine::Engine; fn f() { let x = '{'; } }",
        "#[cfg(test)] use crate::testing::sent;",
        "pub(crate) fn f<'a>(x: &'a str, c: char) -> bool { c == '\"' }",
        "use std::fmt; use nom::error::Error; self.x; foo::self_::bar();",
        "pub use row::Row; pub(in crate::outbox) fn f() {}",
    ] {
        assert_eq!(read(nothing), [""; 0], "{nothing}");
    }
    let after = "#[cfg(test)] mod tests { fn f() {} }\nlet c = '\\u{7b}';\nuse crate::at::X;";
    assert_eq!(paths(&["x"], after), [(3, vec!["at".to_string(), "X".to_string()])]);
}

/// Why an import is not allowed, if it is not.
fn refusal(import: &Import) -> Option<String> {
    let from = ROOMS.iter().find(|room| room.name == import.from)?;
    let to = ROOMS.iter().find(|room| room.name == import.to)?;
    let allowed = from.may.iter().chain(FOR_ALL).any(|allowed| begins(&import.path, allowed));
    (!allowed && !is_excepted(import)).then(|| {
        let direction = if to.layer > from.layer { "that points upward: " } else { "" };
        format!(
            "{}: {} (layer {}) imports {} (layer {}); {direction}see tests/layers/table.rs",
            import.place, from.name, from.layer, import.path, to.layer,
        )
    })
}

fn is_excepted(import: &Import) -> bool {
    EXCEPTIONS.iter().any(|(from, path, _)| *from == import.from && begins(&import.path, path))
}

/// A circle in a graph, as text.
fn circle(graph: &BTreeMap<&str, BTreeSet<&str>>) -> Option<String> {
    fn visit<'a>(
        at: &'a str,
        graph: &BTreeMap<&'a str, BTreeSet<&'a str>>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<String> {
        if let Some(start) = way.iter().position(|room| *room == at) {
            return Some(format!("{} -> {at}", way[start..].join(" -> ")));
        }
        if !done.insert(at) {
            return None;
        }
        way.push(at);
        let found = graph.get(at).into_iter().flatten().find_map(|to| visit(to, graph, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|start| visit(start, graph, &mut Vec::new(), &mut done))
}

/// Every import of the sources from a room into another.
fn imports() -> Vec<Import> {
    let mut imports = Vec::new();
    for (module, file) in sources() {
        let module: Vec<&str> = module.iter().map(String::as_str).collect();
        let source = fs::read_to_string(&file).unwrap();
        let Some(from) = room_of(&module) else { continue };
        for (line, path) in paths(&module, &source) {
            let segments: Vec<&str> = path.iter().map(String::as_str).collect();
            let place = format!("{}:{line}", file.display());
            let to = room_of(&segments)
                .unwrap_or_else(|| panic!("{place}: {} is in no room", path.join("::")));
            if to.name != from.name {
                imports.push(Import { from: from.name, to: to.name, path: path.join("::"), place });
            }
        }
    }
    imports
}

/// Every module of the crate with its file.
fn sources() -> Vec<(Vec<String>, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push((module(path.strip_prefix(&root).unwrap()), path));
            }
        }
    }
    sources.sort();
    sources
}

/// The module of a file below `src`.
fn module(file: &Path) -> Vec<String> {
    let file = file.with_extension("");
    let mut module: Vec<String> =
        file.iter().map(|part| part.to_str().unwrap().to_string()).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    module
}

/// The room that a path leads into: the one with the longest name.
fn room_of(path: &[&str]) -> Option<&'static Room> {
    let inside = |room: &&Room| path.starts_with(&split(room.name));
    ROOMS.iter().filter(inside).max_by_key(|room| room.name.len())
}

/// Whether `path` is `start` or lies below it.
fn begins(path: &str, start: &str) -> bool {
    split(path).starts_with(&split(start))
}

fn split(path: &str) -> Vec<&str> {
    path.split("::").collect()
}
