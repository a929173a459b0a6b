//! Rows with a checksum.

use rusqlite::types::{Value, ValueRef};

use crate::sqlite::StoreError;

/// The values of a row in the order of its columns, to be written.
pub(super) struct Writer(Vec<Value>);

/// The values of a row in the order of its columns, as they were written.
pub(super) struct Reader {
    values: std::vec::IntoIter<Value>,
    place: Place,
}

/// Where a value stands, for a message.
#[derive(Clone, Copy)]
struct Place {
    table: &'static str,
    id: i64,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(20))
    }

    pub(super) fn int(mut self, value: impl Into<i64>) -> Self {
        self.0.push(Value::Integer(value.into()));
        self
    }

    /// A number that SQLite has no type for. Above SQLite's greatest number it is that number.
    pub(super) fn count(self, value: u64) -> Self {
        self.int(i64::try_from(value).unwrap_or(i64::MAX))
    }

    pub(super) fn maybe_int(mut self, value: Option<impl Into<i64>>) -> Self {
        self.0.push(value.map_or(Value::Null, |value| Value::Integer(value.into())));
        self
    }

    pub(super) fn blob(mut self, value: Option<Vec<u8>>) -> Self {
        self.0.push(value.map_or(Value::Null, Value::Blob));
        self
    }

    /// The values and their checksum.
    pub(super) fn finish(mut self) -> Vec<Value> {
        let mut sum = crc32fast::Hasher::new();
        for value in &self.0 {
            add(&mut sum, value.into());
        }
        self.0.push(Value::Integer(i64::from(sum.finalize())));
        self.0
    }
}

impl Reader {
    /// The values of a row whose last column is its checksum.
    pub(super) fn new(
        row: &rusqlite::Row<'_>,
        table: &'static str,
        columns: usize,
    ) -> Result<Self, StoreError> {
        let id = row.get(0).map_err(StoreError::of)?;
        let place = Place { table, id };
        let mut sum = crc32fast::Hasher::new();
        let mut values = Vec::with_capacity(columns);
        for column in 0..columns {
            let value = row.get_ref(column).map_err(StoreError::of)?;
            add(&mut sum, value);
            values.push(match value {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
                // No column has these.
                ValueRef::Real(_) | ValueRef::Text(_) => return Err(place.damaged("a type")),
            });
        }
        let written: i64 = row.get(columns).map_err(StoreError::of)?;
        if written != i64::from(sum.finalize()) {
            return Err(place.damaged("the checksum"));
        }
        Ok(Self { values: values.into_iter(), place })
    }

    /// An error that names this row.
    pub(super) fn damaged(&self, what: &str) -> StoreError {
        self.place.damaged(what)
    }

    pub(super) fn number<T: TryFrom<i64>>(&mut self, column: &str) -> Result<T, StoreError> {
        self.maybe_number(column)?.ok_or_else(|| self.damaged(column))
    }

    pub(super) fn maybe_number<T: TryFrom<i64>>(
        &mut self,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        match self.values.next() {
            Some(Value::Null) => Ok(None),
            Some(Value::Integer(number)) => {
                T::try_from(number).map(Some).map_err(|_| self.damaged(column))
            }
            _ => Err(self.damaged(column)),
        }
    }

    /// Two values of which the second one, in this column, is there if and only if the first is.
    pub(super) fn both<A, B>(
        &self,
        column: &str,
        first: Option<A>,
        second: Option<B>,
    ) -> Result<Option<(A, B)>, StoreError> {
        match (first, second) {
            (Some(first), Some(second)) => Ok(Some((first, second))),
            (None, None) => Ok(None),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn blob(&mut self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.values.next() {
            Some(Value::Null) => Ok(None),
            Some(Value::Blob(bytes)) => Ok(Some(bytes)),
            _ => Err(self.damaged(column)),
        }
    }
}

impl Place {
    fn damaged(self, what: &str) -> StoreError {
        StoreError::damaged(format_args!("{what} of {} {} is wrong", self.table, self.id))
    }
}

/// Each value is summed with its kind and length, so that no two rows read the same.
fn add(sum: &mut crc32fast::Hasher, value: ValueRef<'_>) {
    let (kind, bytes) = match &value {
        ValueRef::Null => (0, &[][..]),
        ValueRef::Integer(number) => (1, &number.to_le_bytes()[..]),
        ValueRef::Real(number) => (2, &number.to_le_bytes()[..]),
        ValueRef::Text(bytes) => (3, *bytes),
        ValueRef::Blob(bytes) => (4, *bytes),
    };
    sum.update(&[kind]);
    sum.update(&(bytes.len() as u64).to_le_bytes());
    sum.update(bytes);
}
