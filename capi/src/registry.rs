//! Handles: numbers that stand for objects.
//!
//! ```text
//! generation << 32 | place + 1
//! ```
//!
//! A place is used again when its object was freed, with the next generation. So the handle of what was
//! freed is told from every other, whatever the caller does with it.

use std::any::Any;
use std::num::NonZeroU64;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use crate::failure::Failure;
use crate::status::{M26PAY_STALE_HANDLE, M26PAY_WRONG_KIND};

/// The number of a handle.
pub(crate) type Id = NonZeroU64;

struct Registry {
    slots: Vec<Slot>,
    /// Places without an object.
    free: Vec<u32>,
}

struct Slot {
    generation: u32,
    object: Option<Arc<dyn Any + Send + Sync>>,
}

/// Any number of threads look for objects at once; a place changes for one of them.
static REGISTRY: RwLock<Registry> = RwLock::new(Registry { slots: Vec::new(), free: Vec::new() });

/// Keeps an object, until its handle is removed.
pub(crate) fn add(object: impl Any + Send + Sync) -> Id {
    let object: Arc<dyn Any + Send + Sync> = Arc::new(object);
    let mut registry = change();
    let place = match registry.free.pop() {
        Some(place) => place,
        None => {
            registry.slots.push(Slot { generation: 0, object: None });
            (registry.slots.len() - 1) as u32
        }
    };
    let slot = &mut registry.slots[place as usize];
    slot.object = Some(object);
    let below = NonZeroU64::MIN.saturating_add(u64::from(place));
    below | (u64::from(slot.generation) << 32)
}

/// The object of a handle.
#[inline]
pub(crate) fn get<T: Any + Send + Sync>(id: u64) -> Result<Arc<T>, Failure> {
    match find(id) {
        Some(object) => object.downcast().map_err(|_| wrong_kind()),
        None => Err(stale()),
    }
}

/// The object of a handle, of whatever kind. Every call of the interface looks for one.
fn find(id: u64) -> Option<Arc<dyn Any + Send + Sync>> {
    let (place, generation) = split(id)?;
    let registry = REGISTRY.read().unwrap_or_else(PoisonError::into_inner);
    match registry.slots.get(place) {
        Some(slot) if slot.generation == generation => slot.object.clone(),
        _ => None,
    }
}

/// Frees what a handle names, and nothing if that is 0, as `free` does with NULL.
pub(crate) fn free<T: Any + Send + Sync>(id: u64) -> Result<(), Failure> {
    match Id::new(id) {
        None => Ok(()),
        Some(id) => remove::<T>(id).map(drop),
    }
}

/// Takes the object of a handle away: from now on the handle is stale.
pub(crate) fn remove<T: Any + Send + Sync>(id: Id) -> Result<Arc<T>, Failure> {
    let object = get::<T>(id.get())?;
    let mut registry = change();
    let Some((place, generation)) = split(id.get()) else { return Err(stale()) };
    let Some(slot) = registry.slots.get_mut(place) else { return Err(stale()) };
    if slot.generation != generation || slot.object.take().is_none() {
        // Another thread was faster.
        return Err(stale());
    }
    // The last generation is never used again.
    if let Some(next) = generation.checked_add(1) {
        slot.generation = next;
        registry.free.push(place as u32);
    }
    Ok(object)
}

fn split(id: u64) -> Option<(usize, u32)> {
    let place = (id as u32).checked_sub(1)?;
    Some((place as usize, (id >> 32) as u32))
}

fn change() -> RwLockWriteGuard<'static, Registry> {
    REGISTRY.write().unwrap_or_else(PoisonError::into_inner)
}

#[cold]
pub(crate) fn stale() -> Failure {
    Failure::misuse(M26PAY_STALE_HANDLE, "the handle was freed, or was never given")
}

#[cold]
fn wrong_kind() -> Failure {
    Failure::misuse(M26PAY_WRONG_KIND, "the handle is of another kind")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_that_was_freed_is_stale_although_its_place_is_used_again() {
        let first = add(1_u8);
        assert_eq!(*get::<u8>(first.get()).unwrap(), 1);
        assert!(get::<u16>(first.get()).is_err(), "it is of another kind");
        assert_eq!(*remove::<u8>(first).unwrap(), 1);
        let second = add(2_u8);
        assert_ne!(first, second);
        assert!(get::<u8>(first.get()).is_err());
        assert!(remove::<u8>(first).is_err());
        assert_eq!(*remove::<u8>(second).unwrap(), 2);
        assert!(get::<u8>(0).is_err());
        assert!(get::<u8>(u64::MAX).is_err());
    }
}
