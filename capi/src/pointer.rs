//! Pointers of the caller.

use std::ptr::NonNull;

use crate::failure::Failure;
use crate::status::{M26PAY_MISALIGNED, M26PAY_NULL_POINTER, M26PAY_WRONG_LENGTH};

/// Where an answer goes: looked at before anything is sent, written when all went well.
pub(crate) struct Out<T>(NonNull<T>);

impl<T> Clone for Out<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Out<T> {}

impl<T> Out<T> {
    /// # Safety
    /// Unless it is NULL or not aligned, `pointer` is valid for writes while the result lives.
    pub(crate) unsafe fn new(what: &str, pointer: *mut T) -> Result<Self, Failure> {
        check(what, pointer).map(Self)
    }

    /// As [`new`](Self::new), for an answer that the caller need not want.
    ///
    /// # Safety
    /// As [`new`](Self::new).
    pub(crate) unsafe fn optional(what: &str, pointer: *mut T) -> Result<Option<Self>, Failure> {
        if pointer.is_null() {
            return Ok(None);
        }
        // SAFETY: as the caller of this function promises.
        unsafe { Self::new(what, pointer) }.map(Some)
    }

    /// Gives the answer. What was there before is not looked at.
    pub(crate) fn write(self, value: T) {
        // SAFETY: it is aligned, and whoever made it promised that it may be written.
        unsafe { self.0.write(value) }
    }
}

/// Options of a call: the first field, `size`, says how large they are, so that a program which has
/// another idea of them than the library is told so.
///
/// # Safety
/// The type is `repr(C)`, its first field is a `usize`, and every value of its fields is valid, so
/// that whatever C wrote can be read.
pub(crate) unsafe trait Options: Copy {}

/// A copy of the options.
///
/// # Safety
/// Unless it is NULL or not aligned, `pointer` is valid for reads of as many bytes as its `size` says.
pub(crate) unsafe fn options<T: Options>(what: &str, pointer: *const T) -> Result<T, Failure> {
    let size_at: NonNull<usize> = check(what, pointer.cast_mut())?.cast();
    // SAFETY: the trait promises that it begins with its size, and the caller that it may be read.
    let size = unsafe { size_at.read() };
    let expected = size_of::<T>();
    if size != expected {
        return Err(Failure::misuse(
            M26PAY_WRONG_LENGTH,
            format_args!(
                "{what} says that its size is {size}, and {expected} is expected: begin with its _init"
            ),
        ));
    }
    // SAFETY: it is as large as the type, and the caller promises that so much may be read.
    Ok(unsafe { pointer.read() })
}

/// The items of an array.
///
/// # Safety
/// Unless it is NULL or not aligned, `pointer` is valid for reads of `count` items while the result
/// lives, and nobody writes them.
pub(crate) unsafe fn slice<'a, T: Copy>(
    what: &str,
    pointer: *const T,
    count: usize,
    most: usize,
) -> Result<&'a [T], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    let pointer = check(what, pointer.cast_mut())?;
    if count > most {
        return Err(Failure::misuse(
            M26PAY_WRONG_LENGTH,
            format_args!("{what} has {count} items, and {most} are the most"),
        ));
    }
    // SAFETY: it is aligned and not NULL, and the caller promises that so many items may be read.
    Ok(unsafe { std::slice::from_raw_parts(pointer.as_ptr(), count) })
}

fn check<T>(what: &str, pointer: *mut T) -> Result<NonNull<T>, Failure> {
    let Some(checked) = NonNull::new(pointer) else {
        return Err(Failure::misuse(M26PAY_NULL_POINTER, format_args!("{what} is NULL")));
    };
    if !pointer.is_aligned() {
        return Err(Failure::misuse(
            M26PAY_MISALIGNED,
            format_args!("{what} points to an address that none of its kind has"),
        ));
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;

    use super::*;

    #[test]
    fn what_cannot_be_written_is_refused_before_it_is_tried() {
        let mut room = [MaybeUninit::<u64>::uninit(); 2];
        let at = room.as_mut_ptr().cast::<u64>();
        let beside = at.wrapping_byte_add(1);
        for (pointer, good) in [(std::ptr::null_mut(), false), (beside, false), (at, true)] {
            // SAFETY: it is NULL, not aligned, or the room above.
            let out = unsafe { Out::new("x", pointer) };
            assert_eq!(out.is_ok(), good);
            out.into_iter().for_each(|out| out.write(7));
        }
        // SAFETY: it was written.
        assert_eq!(unsafe { at.read() }, 7);
    }
}
