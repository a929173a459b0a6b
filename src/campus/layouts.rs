//! [`Layouts`]: the layouts that a terminal knows.

use super::charset::Encoding;
use super::layout::Layout;
use super::template::Template;
use super::user_data::{UserData, UserDataError};
use crate::secret::Secret;

/// A layout for each template that a terminal knows.
///
/// ```
/// use m26_pay::campus::charset::Encoding;
/// use m26_pay::campus::layout::{Card, Layout, LayoutStanding};
/// use m26_pay::campus::layouts::{CodeContents, Layouts};
/// use m26_pay::campus::template::Template;
///
/// // In the place of the built-in one, what the probe has found and written.
/// let found: Layout = "layout 1\ntemplate 5\nstanding proven\nschool_no u64\nstudent_no vars\n\
///     student_name vars".parse()?;
/// let layouts = Layouts::provisional().with(found);
///
/// let bytes = found.encode(&Card::sample(), Encoding::GB2312)?;
/// match layouts.read(Template::FIVE, Encoding::GB2312, &bytes)? {
///     CodeContents::Known(user_data) => assert_eq!(user_data.standing(), LayoutStanding::Proven),
///     CodeContents::Unknown { template, .. } => println!("nothing is known of template {template}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layouts(Vec<Layout>);

/// What is in the bytes that the decoder gave.
#[derive(Clone, Copy, Debug)]
pub enum CodeContents<'a> {
    /// User data.
    Known(UserData<'a>),
    /// Something of a template for which there is no layout.
    Unknown {
        /// The template.
        template: Template,
        /// All of it. Most likely it holds personal data.
        bytes: Secret<&'a [u8]>,
    },
}

impl Layouts {
    /// No layout at all.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// The built-in guesses at templates 4 and 5.
    #[must_use]
    pub fn provisional() -> Self {
        Self::none().with(Layout::TEMPLATE_4).with(Layout::TEMPLATE_5)
    }

    /// Adds this layout. It replaces that for the same template.
    #[must_use]
    pub fn with(mut self, layout: Layout) -> Self {
        match self.0.iter_mut().find(|known| known.template() == layout.template()) {
            Some(known) => *known = layout,
            None => self.0.push(layout),
        }
        self
    }

    /// The layout for a template.
    #[must_use]
    pub fn get(&self, template: Template) -> Option<&Layout> {
        self.0.iter().find(|layout| layout.template() == template)
    }

    /// Reads what the decoder gave.
    ///
    /// # Errors
    /// If there is a layout for the template and the bytes do not fit it.
    pub fn read<'a>(
        &'a self,
        template: Template,
        encoding: Encoding,
        bytes: &'a [u8],
    ) -> Result<CodeContents<'a>, UserDataError> {
        match self.get(template) {
            Some(layout) => UserData::parse(layout, encoding, bytes).map(CodeContents::Known),
            None => Ok(CodeContents::Unknown { template, bytes: Secret::new(bytes) }),
        }
    }
}
