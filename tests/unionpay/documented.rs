//! The page `docs/unionpay.md` against what there is.

use std::fs;
use std::path::Path;

use m26_pay::gateway::unionpay::Call;
use serde_json::Value;

use crate::calls::{Visitor, every};

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/unionpay.md")).unwrap()
}

/// What stands between backquotes in the rows that are ticked.
fn ticked(page: &str) -> Vec<&str> {
    let rows = page.lines().filter(|line| line.starts_with("| ✓ |"));
    rows.flat_map(|row| row.split('`').skip(1).step_by(2)).collect()
}

/// A path in small letters, unlike that of a type.
fn is_test(name: &str) -> bool {
    name.contains("::") && !name.contains(|one: char| one.is_uppercase())
}

#[test]
fn every_call_has_a_row() {
    struct Rows(String, u32);
    impl Visitor for Rows {
        fn visit<C: Call + std::fmt::Debug>(&mut self, _: &C, _: &Value) {
            assert!(ticked(&self.0).contains(&C::NAME), "{} has no row that is ticked", C::NAME);
            self.1 += 1;
        }
    }
    let mut rows = Rows(page(), 0);
    every(&mut rows);
    assert_eq!(rows.1, 18);
}

#[test]
fn every_test_that_is_named_is_there() {
    let page = page();
    let named: Vec<_> = ticked(&page).into_iter().filter(|name| is_test(name)).collect();
    assert!(named.len() > 40, "the reader found {} tests only", named.len());
    for name in named {
        let (module, test) = name.rsplit_once("::").unwrap();
        let file = module.replace("::", "/") + ".rs";
        let folders = ["tests/unionpay", "src/gateway/unionpay"];
        let text = folders.iter().find_map(|folder| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(&file);
            fs::read_to_string(path).ok()
        });
        let text = text.unwrap_or_else(|| panic!("{name}: there is no {file}"));
        assert!(text.contains(&format!("fn {test}(")), "there is no test {name}");
    }
}
