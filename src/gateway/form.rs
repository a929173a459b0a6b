//! `application/x-www-form-urlencoded` pairs.

#[cfg(feature = "gateway")]
mod pairs;

#[cfg(feature = "gateway")]
pub(crate) use pairs::{BadForm, Pairs};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// Puts one more pair at the end. A blank becomes `%20`: every reader of such a form takes it, while
/// not every one takes `+` for a blank.
pub(crate) fn push(form: &mut String, key: &str, value: &[u8]) {
    if !form.is_empty() {
        form.push('&');
    }
    form.extend(percent_encode(key.as_bytes(), ESCAPED));
    form.push('=');
    form.extend(percent_encode(value, ESCAPED));
}

/// All but the unreserved characters of RFC 3986, 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_at_a_time() {
        let mut form = String::new();
        push(&mut form, "a", b"1 + %2B=&\xb0");
        push(&mut form, "b_c", "版~-.".as_bytes());
        assert_eq!(form, "a=1%20%2B%20%252B%3D%26%B0&b_c=%E7%89%88~-.");
    }
}
