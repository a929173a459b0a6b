//! The libraries in this process: how they are loaded, and that they are called one at a time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::CStr;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::advice::{self, Advice};
use crate::campus::decoder::MisbehaviourError;

/// Why there is no decoder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The library was built for another interface.
    #[error(
        "the library was built for version {found} of the interface, with structures of {} and {} bytes; version {expected} with {} and {} bytes is needed: build it again, with the header of this version of the crate and for this processor",
        found_sizes.0, found_sizes.1, expected_sizes.0, expected_sizes.1
    )]
    Interface {
        /// The version that is needed.
        expected: u32,
        /// The version that it has.
        found: u32,
        /// The sizes of request and answer that are needed, in bytes.
        expected_sizes: (u32, u32),
        /// The sizes that it has.
        found_sizes: (u32, u32),
    },
    /// It did not take the clock.
    #[error("the library did not register the clock (status {status}): {advice}")]
    NotRegistered {
        /// What it returned.
        status: i32,
        /// What to do.
        advice: &'static str,
    },
    /// The system cannot load the file.
    #[error(
        "{} cannot be loaded: {source}; check that the file is there, that it was built for this processor, and that it was linked with all that it needs",
        path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The library lacks a function.
    #[error(
        "{} has no function {symbol}: check that it is the right library, and that it exports its functions",
        path.display()
    )]
    Symbol {
        /// The file.
        path: PathBuf,
        /// The function.
        symbol: String,
    },
}

impl LoadError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::LIBRARY
    }
}

/// A library that was opened, and stays so: the functions taken from it are called as long as the
/// process lives, and it may have kept the clock.
pub(super) struct Opened {
    path: PathBuf,
    library: ManuallyDrop<imp::Library>,
}

impl Opened {
    /// Opens the library, with all that it needs from others: what is missing shows now, and not
    /// with the first code.
    ///
    /// # Safety
    /// What the library does when it is loaded must be sound.
    pub(super) unsafe fn new(path: &Path) -> Result<Self, LoadError> {
        // SAFETY: the caller promises what is asked for.
        match unsafe { imp::open(path) } {
            Ok(library) => Ok(Self { path: path.into(), library: ManuallyDrop::new(library) }),
            Err(source) => Err(LoadError::Open { path: path.into(), source: source.into() }),
        }
    }

    /// The function of this name.
    ///
    /// # Safety
    /// `F` must be a function pointer, and of the function's type.
    pub(super) unsafe fn function<F: Copy>(&self, name: &'static CStr) -> Result<F, LoadError> {
        // SAFETY: an Option of a function pointer is a pointer that may be null, as a symbol may
        // be. That the function is of this type is the caller's promise.
        let symbol = unsafe { self.library.get::<Option<F>>(name.to_bytes_with_nul()) };
        symbol.ok().and_then(|symbol| *symbol).ok_or_else(|| LoadError::Symbol {
            path: self.path.clone(),
            symbol: name.to_string_lossy().into_owned(),
        })
    }
}

/// The right to call a library of this process, which has its clock.
///
/// A library that was loaded twice is there once, so it is known by the address of a function.
#[derive(Clone, Copy)]
pub(super) struct Caller {
    address: usize,
}

impl Caller {
    /// The right to call the library with a function at `address`. The first who asks for it has
    /// the clock registered.
    pub(super) fn admit<E>(
        address: usize,
        register: impl FnOnce() -> Result<(), E>,
    ) -> Result<Self, E> {
        if let Entry::Vacant(new) = libraries().entry(address) {
            register()?;
            new.insert(Standing::Trusted);
        }
        Ok(Self { address })
    }

    /// Makes a call when no other is under way. A library that wrote outside its memory is never
    /// called again.
    pub(super) fn call<T>(
        self,
        call: impl FnOnce() -> Result<T, MisbehaviourError>,
    ) -> Result<T, MisbehaviourError> {
        let mut libraries = libraries();
        if libraries.get(&self.address) != Some(&Standing::Trusted) {
            return Err(MisbehaviourError::Retired);
        }
        let outcome = call();
        if matches!(outcome, Err(MisbehaviourError::Overrun { .. })) {
            libraries.insert(self.address, Standing::Retired);
        }
        outcome
    }
}

/// Whether a library may still be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Trusted,
    Retired,
}

/// The holder of the lock may make a call. No holder panics, so it is never poisoned.
fn libraries() -> MutexGuard<'static, BTreeMap<usize, Standing>> {
    LIBRARIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The libraries that have their clock.
static LIBRARIES: Mutex<BTreeMap<usize, Standing>> = Mutex::new(BTreeMap::new());

#[cfg(unix)]
mod imp {
    use std::path::Path;

    pub(super) use libloading::os::unix::Library;
    use libloading::os::unix::{RTLD_LOCAL, RTLD_NOW};

    /// # Safety
    /// What the library does when it is loaded must be sound.
    pub(super) unsafe fn open(path: &Path) -> Result<Library, libloading::Error> {
        // SAFETY: the caller promises what is asked for.
        unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
    }
}

#[cfg(not(unix))]
mod imp {
    use std::path::Path;

    pub(super) use libloading::Library;

    /// # Safety
    /// What the library does when it is loaded must be sound.
    pub(super) unsafe fn open(path: &Path) -> Result<Library, libloading::Error> {
        // SAFETY: the caller promises what is asked for.
        unsafe { Library::new(path) }
    }
}
