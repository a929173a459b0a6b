//! Campus codes: what a student holds to the reader of a canteen or a gate.

pub mod guard;
