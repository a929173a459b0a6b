//! The tool says the same, in whatever form the platform answers.

use m26_pay::sim::gateway::unionpay::AnswerForm;
use serde_json::Value;

use super::{Desk, done, open_id};

#[test]
fn the_names_are_those_of_the_tables() {
    let read = |form| -> Vec<Value> {
        let desk = Desk::new(|settings| {
            settings.form = form;
            // Nothing of it may depend on the second in which it runs.
            settings.timestamp_within = std::time::Duration::from_secs(u64::MAX / 4);
            settings.clock = 1_795_957_200;
        });
        let open_id = open_id();
        let contract = ["--plan-id", "9ca088374a8141ff95dca35a12d73240", "--open-id", &open_id];
        let apply = ["contract-apply", "--access-token", "upapi_contract", "--contract-code", "1"];
        let mut applied = done(&desk.run(&[&apply[..], &contract].concat()), "contract-apply");
        // It may be a second later.
        let time = applied["operateTime"].take();
        assert_eq!(time.as_str().unwrap().len(), 14);
        vec![
            applied,
            done(&desk.run(&[&["contract-info"], &contract[..]].concat()), "contract-info"),
            done(&desk.run(&["contract-status", "--open-id", &open_id]), "contract-status"),
            done(&desk.run(&["return-tax", "--refund-no", "1232144356436"]), "return-tax"),
        ]
    };
    let [mut tables, mut samples] = [read(AnswerForm::Tables), read(AnswerForm::Samples)];
    // A `resp` beside the fields is empty in the samples.
    for refund in [&mut tables[3], &mut samples[3]] {
        refund["resp"].take();
    }
    assert_eq!(tables, samples);
}
