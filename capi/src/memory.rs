//! Texts that the library gives, and who frees them.

use std::ffi::c_char;

use zeroize::Zeroizing;

use crate::boundary::enter;
use crate::registry;
use crate::status::m26pay_status;
use crate::text::m26pay_str;

/// The memory of what the library gave. Everything with texts in it has one, and the texts live until it
/// is freed.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_memory {
    /// For the library. 0 is no memory.
    pub id: u64,
}

/// Frees the texts of an answer. They are overwritten before. No memory (`id` 0) is freed as NULL is
/// by `free`: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_memory_free(memory: m26pay_memory) -> m26pay_status {
    enter(|| registry::free::<Block>(memory.id))
}

/// A text that the library gives. `memory` is to be freed by `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_string {
    /// The text.
    pub text: m26pay_str,
    /// Where it lives.
    pub memory: m26pay_memory,
}

impl m26pay_string {
    pub(crate) fn new(text: &str) -> Self {
        let mut texts = Texts::default();
        let place = texts.add(text);
        let placed = texts.keep();
        Self { text: placed.get(place), memory: placed.memory }
    }
}

/// Texts on their way to the caller, in one block of memory.
#[derive(Default)]
pub(crate) struct Texts {
    bytes: Zeroizing<Vec<u8>>,
}

/// Where a text stands among the others.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    start: usize,
    length: usize,
}

struct Block {
    _bytes: Zeroizing<Vec<u8>>,
}

/// The texts, where they stay.
pub(crate) struct Placed {
    start: *const u8,
    pub(crate) memory: m26pay_memory,
}

impl Texts {
    pub(crate) fn add(&mut self, text: &str) -> Place {
        self.add_bytes(text.as_bytes())
    }

    /// What the module wrote, which need not be UTF-8.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) -> Place {
        let start = self.bytes.len();
        // What is outgrown is overwritten as well.
        if self.bytes.capacity() - start <= bytes.len() {
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * (start + bytes.len() + 1)));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(bytes);
        self.bytes.push(0);
        Place { start, length: bytes.len() }
    }

    /// A text, or none, as long as these live.
    pub(crate) fn optional(&self, place: Option<Place>) -> m26pay_str {
        place.map_or(m26pay_str::NONE, |place| self.get(place))
    }

    /// A text, as long as these live.
    pub(crate) fn get(&self, place: Place) -> m26pay_str {
        let data = self.bytes.as_ptr().wrapping_add(place.start).cast::<c_char>();
        m26pay_str { data, length: place.length }
    }

    /// Keeps the texts until the caller frees them.
    pub(crate) fn keep(self) -> Placed {
        let start = self.bytes.as_ptr();
        // Moving the vector does not move what it holds.
        let id = registry::add(Block { _bytes: self.bytes });
        Placed { start, memory: m26pay_memory { id: id.get() } }
    }
}

impl Placed {
    pub(crate) fn get(&self, place: Place) -> m26pay_str {
        let data = self.start.wrapping_add(place.start).cast::<c_char>();
        m26pay_str { data, length: place.length }
    }

    pub(crate) fn optional(&self, place: Option<Place>) -> m26pay_str {
        place.map_or(m26pay_str::NONE, |place| self.get(place))
    }
}
