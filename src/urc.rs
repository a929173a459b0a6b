//! stub
use crate::at::syntax::View;
/// stub
#[derive(Debug)]
pub struct Urc;
impl Urc {
    /// s
    pub fn is_known(view: &View<'_>) -> bool {
        matches!(view, View::Text(b"RDY"))
            || view.args_of("+CFUN").is_some()
            || view.args_of("+CREG").is_some()
    }
}
