//! The numbers that stand for states.

use crate::outbox::ItemState;
use crate::sqlite::StoreError;

/// The number that stands for a state.
pub(super) fn number(state: ItemState) -> u8 {
    match state {
        ItemState::Pending => 0,
        ItemState::Sending => 1,
        ItemState::Held => 2,
        ItemState::RamOnly => 3,
        ItemState::Parked => 4,
        ItemState::Rejected => 5,
        ItemState::Announced => 6,
        ItemState::Expired => 7,
        ItemState::Ordered => 8,
    }
}

/// The state for which a number stands.
pub(super) fn of(wanted: i64) -> Result<ItemState, StoreError> {
    let found = ItemState::ALL.into_iter().find(|state| i64::from(number(*state)) == wanted);
    found.ok_or_else(|| StoreError::damaged(format_args!("there is no state {wanted}")))
}

/// These states, to stand in a list of a query.
pub(super) fn list<'a>(states: impl IntoIterator<Item = &'a ItemState>) -> String {
    let numbers: Vec<_> = states.into_iter().map(|state| number(*state).to_string()).collect();
    numbers.join(", ")
}
